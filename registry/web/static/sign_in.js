// Signs this browser in: hands the code over to the page that holds keys, or shows it for a command, and carries what
// was signed to the registry. The words stand in the page's templates; nothing here holds a key.

import { link, take } from "./acts.js";

let nonce = "";

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** What the command prints: header fields by their names, both or none.
 * @param {string} text
 * @returns {Record<string, string> | null} */
function fieldsOf(text) {
  const input = /Signature-Input:\s*(kembar=\([^\n]*)/.exec(text);
  const signature = /Signature:\s*(kembar=:[A-Za-z0-9+/=\s]*:)/.exec(text);
  if (!input?.[1] || !signature?.[1]) return null;
  return { "Signature-Input": input[1].trim(), Signature: signature[1].replace(/\s/g, "") };
}

/** @param {string} id of a template, or "" for nothing */
function say(id) {
  const words = id ? /** @type {HTMLTemplateElement} */ (at(`t-${id}`)).content.cloneNode(true) : "";
  at("said").replaceChildren(words);
}

/** @param {string} id of a template, or "" where nothing is wrong */
function wrong(id) {
  const words = id ? /** @type {HTMLTemplateElement} */ (at(`t-${id}`)).content.cloneNode(true) : "";
  at("wrong").replaceChildren(words);
  at("field").classList.toggle("bad", id !== "");
  const field = at("printed");
  if (id) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  if (id) field.focus();
}

/** @param {string} method
 * @param {Record<string, string>} headers */
function ask(method, headers = {}) {
  return fetch(String(at("steps").dataset["session"]), { method, headers, credentials: "same-origin", cache: "no-store" });
}

/** Shows what there is to do: sign in, or go on. */
async function begin() {
  const answer = await ask("GET");
  if (answer.status === 404) return say("no_sessions");
  if (!answer.ok) return say("unreachable");
  const who = await answer.json();
  const code = typeof who.nonce === "string" ? who.nonce : "";
  nonce = code;
  at("command").textContent = `${at("command").dataset["command"]} ${location.origin} ${code}`;
  for (const id of ["door", "steps"]) at(id).hidden = code === "";
  for (const id of ["inside", "within"]) at(id).hidden = code !== "";
  if (code) sessionStorage.removeItem("kembar-invitations"); // nobody is signed in: what a registrar kept in this tab is gone
  say("");
}

/** @param {Record<string, string>} fields @returns whether the browser is signed in, and on its way */
async function signIn(fields) {
  const answer = await ask("POST", fields);
  if (answer.ok) location.assign(String(at("steps").dataset["mine"]));
  return answer.ok;
}

async function send() {
  const fields = fieldsOf(/** @type {HTMLTextAreaElement} */ (at("printed")).value);
  if (fields === null) return wrong("not_lines");
  if (await signIn(fields)) return;
  await begin();
  wrong("refused");
}

/** What the page that holds keys came back with.
 * @param {Record<string, unknown>} came */
async function back(came) {
  const fields = fieldsOf(`Signature-Input: ${came["signature-input"]}\nSignature: ${came["signature"]}`);
  if (fields !== null && (await signIn(fields))) return;
  await begin();
  say(fields === null ? "cancelled" : "not_taken");
}

/** @param {() => Promise<void>} what */
const tried = (what) => what().catch(() => say("unreachable"));

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  wrong("");
  tried(send);
});
at("out").addEventListener("click", () => tried(async () => {
  await ask("DELETE");
  await begin();
}));
document.getElementById("here")?.addEventListener("click", () => {
  const { sign, act } = at("steps").dataset;
  location.assign(link(String(sign), { ...JSON.parse(String(act)), nonce }));
});
const came = take();
say("asking");
tried(came ? () => back(came) : begin);

// Brings pictures to a draft and takes them away, once its proposer's key has permitted that: what the registry answered to
// the permit came back behind the #, is good for an hour in this session, and is kept nowhere else than here.

import { show, take } from "./acts.js";

const place = /** @type {HTMLElement} */ (document.getElementById("bring"));
const rows = /** @type {HTMLElement} */ (document.getElementById("brought"));
const choose = /** @type {HTMLInputElement} */ (document.getElementById("bring-files"));
const named = new Set((place.dataset["names"] ?? "").split(" "));
let permit = "";

/** @param {Blob} file */
async function hashOf(file) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (one) => one.toString(16).padStart(2, "0")).join("");
}

/** @param {"PUT" | "DELETE"} method @param {string} name @param {Blob} [body] @returns {Promise<string>} what the registry says where it refuses, else nothing */
async function ask(method, name, body) {
  try {
    const answer = await fetch(`${place.dataset["to"]}${name}?permit=${permit}`, {
      method, redirect: "error", cache: "no-store",
      ...(body && { body, headers: { "Content-Type": "application/octet-stream" } }),
    });
    if (answer.ok) return "";
    const problem = /** @type {{detail?: unknown}} */ (await answer.json());
    return String(problem.detail ?? answer.status).slice(0, 400);
  } catch (error) {
    return String(error);
  }
}

/** So many, in a sentence of the page; none where there are none. @param {string} id @param {number} count @param {string} [why] */
function say(id, count, why = "") {
  const line = document.getElementById(id), number = line?.querySelector("[data-n]"), reason = line?.querySelector("[data-why]");
  if (!line) return;
  line.hidden = count === 0;
  if (number) number.textContent = String(count);
  if (reason) reason.textContent = why;
}

/** @param {string} name a file's SHA-256 */
function add(name) {
  const words = document.getElementById("t-brought");
  if (!(words instanceof HTMLTemplateElement) || rows.querySelector(`[data-file="${name}"]`)) return;
  const row = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (words.content.cloneNode(true)).firstElementChild);
  row.dataset["file"] = name;
  const code = row.querySelector("code");
  if (code) code.textContent = name.slice(0, 16).replace(/.{4}(?=.)/g, "$& ");
  rows.append(row);
  arm(row);
}

/** @param {HTMLElement} row whose file lies with the draft */
function arm(row) {
  const button = row.querySelector("button");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const why = await ask("DELETE", row.dataset["file"] ?? "");
    say("bring-refused", why ? 1 : 0, why);
    if (why) button.disabled = false;
    else {
      row.remove();
      choose.focus();
    }
  });
}

choose.addEventListener("change", async () => {
  let brought = 0, others = 0, refused = 0, reason = "";
  choose.disabled = true;
  for (const file of choose.files ?? []) { // one at a time: each may be large
    const name = await hashOf(file);
    const why = named.has(name) ? await ask("PUT", name, file) : null;
    if (why === null) others += 1;
    else if (why) [refused, reason] = [refused + 1, why];
    else {
      brought += 1;
      add(name);
    }
  }
  choose.disabled = false;
  choose.value = "";
  say("bring-brought", brought);
  say("bring-others", others);
  say("bring-refused", refused, reason);
});

const came = take();
if (came) show(came);
const given = /** @type {{permit?: unknown} | undefined} */ (came?.["answer"])?.permit;
if (typeof given === "string" && /^[0-9a-f]{64}$/.test(given)) {
  permit = given;
  for (const id of ["bring-choose", "bring-permit"]) document.getElementById(id)?.toggleAttribute("hidden", id !== "bring-choose");
  for (const row of rows.querySelectorAll("[data-file]")) if (row instanceof HTMLElement) arm(row);
}

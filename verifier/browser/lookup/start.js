/**
 * The lookup page's script: hashes what is dropped, chosen or pasted, and asks privately. All words are the page's own, in
 * its templates; nothing of the file is sent.
 */

import { digestOf, dropZone } from "../drop/files.js";
import { say, the } from "../drop/page.js";
import { isRegistered } from "./ask.js";

const SHA256 = /^[0-9a-f]{64}$/;
const MAX_BODY = 1 << 20;

const section = the("ask"), answer = the("answer"), drop = the("drop"), form = the("form");
const input = /** @type {HTMLInputElement} */ (the("sha256")), file = /** @type {HTMLInputElement} */ (the("file"));
const places = { index: section.dataset["index"] ?? "", policy: section.dataset["policy"] ?? "" };
let asked = 0;

/** @param {Node} made */
function show(made) {
  answer.replaceChildren(made);
  const heading = answer.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

/** @param {string} path @returns {Promise<Uint8Array>} */
async function get(path) {
  const response = await fetch(path, { credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" });
  if (!response.ok) throw new Error(String(response.status));
  const data = new Uint8Array(await response.arrayBuffer());
  if (data.length > MAX_BODY) throw new Error("too large");
  return data;
}

/** @param {() => Promise<string>} work gives the digest @param {string} name */
async function ask(work, name) {
  const mine = ++asked;
  answer.replaceChildren(say("t-asking"));
  let digest = "";
  /** @param {HTMLElement} node */
  const open = (node) => {
    const url = new URL(section.dataset["open"] ?? "", document.baseURI);
    url.searchParams.set("sha256", digest);
    /** @type {HTMLAnchorElement} */ (node).href = url.href;
  };
  /** @param {HTMLElement} node */
  const named = (node) => { node.textContent = name; };
  try {
    digest = await work();
    const found = await isRegistered(get, places, digest);
    if (mine === asked) show(say(found ? "t-found" : "t-none", { name: named, open }));
  } catch (error) {
    if (mine !== asked) return;
    show(say("t-failed", {
      open: (node) => (digest ? open(node) : node.remove()),
      why: (node) => { node.textContent = error instanceof Error ? error.message : ""; },
      again: (node) => node.addEventListener("click", () => void ask(work, name)),
    }));
  }
}

/** @param {File[]} files */
function take([given]) {
  if (given) void ask(() => digestOf(given), given.name);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = input.value.trim().toLowerCase().replace(/^sha256:/, "");
  const field = /** @type {HTMLElement} */ (input.parentElement);
  const said = the("sha256-said");
  said.querySelector(".err")?.remove();
  const isRight = SHA256.test(given);
  field.classList.toggle("bad", !isRight);
  input.toggleAttribute("aria-invalid", !isRight);
  if (isRight) return void ask(async () => given, given);
  input.setAttribute("aria-invalid", "true");
  said.prepend(say("t-wrong"));
  input.focus();
});
dropZone(drop, file, take);
the("send").replaceChildren(say("t-check"));
the("openly").hidden = true;

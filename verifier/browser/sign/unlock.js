/**
 * The gesture: the one place where a key is opened. It stands last on the page, below what is done with it, and opens the
 * key for that alone. A copy is under a passkey, on this device, or in a file.
 */

import { Malformed } from "../base/errors.js";
import { element } from "../page/dom.js";
import { withKey } from "./key.js";
import { openKeyFile, parseKeyFile } from "./key_file.js";
import { openByPasskey } from "./lockers.js";
import { button, hostOf, keyDigits } from "./page.js";
import { hasPasskeys } from "./passkey.js";
import { freshKey, keep } from "./store.js";
import { whyNot } from "./trouble.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {import("./page.js").KeptKey} KeptKey
 * @typedef {import("../page/dom.js").Child} Child
 * @typedef {import("./key.js").OpenKey} OpenKey
 * @typedef {(open: () => Promise<OpenKey>, passphrase?: string) => void} Run
 * @typedef {{verb: string, done: (key: OpenKey, passphrase: string) => Promise<void>, check?: (() => void) | undefined, extra?: Child | undefined, only?: KeptKey | undefined}} Use
 *   `verb`: what the button says; `check`: raises what is missing yet, before the key is opened; `extra`: a button beside it; `only`: this key and no other
 */

const MAX_FILE = 4096;
let numbers = 0;

/** This device's keys that an act can mean: of its registry's log, and of its party where it names one. @param {Page} page @returns {KeptKey[]} */
export function fittingKeys({ keys, act }) {
  if (act === null) return keys;
  return keys.filter((one) => one.genesis === act.genesis && (act.party === undefined || one.party === null || one.party === act.party));
}

/** Buttons and fields that open a key and use it; what goes wrong is said beneath. @param {Page} page @param {Use} use */
export function gesture(page, { verb, done, check, extra, only }) {
  const { words, act } = page, own = only ?? fittingKeys(page)[0], said = element("div", { role: "alert" });
  const box = element("div", { class: "stack" });
  /** @type {Run} */
  const run = (open, passphrase = "") => void acting(page, box, said, async () => {
    check?.();
    await withKey(async () => fitting(page, await open(), own, only !== undefined), (key) => done(key, passphrase));
  });
  /** @type {Record<string, (look: string, extra?: Child) => Child>} */
  const ways = {};
  if (act !== null && hasPasskeys()) ways.passkey = (look, more) => passkeyView(page, verb, look, run, more);
  if (own && own.locked !== null) ways.passphrase = (look, more) => passphraseForm(page, verb, look, own, run, more);
  ways.file = (look, more) => fileFields(page, verb, look, run, more);
  const first = own && own.locked !== null && !own.passkeys.some(({ credential }) => credential) ? "passphrase" : ways.passkey ? "passkey" : ways.passphrase ? "passphrase" : "file";
  const others = Object.entries(ways).filter(([name]) => name !== first);
  box.append(...[
    own ? strangeRegistry(page, own) : null,
    ways[first]?.("btn go", extra),
    said,
    others.length > 0 && element("details", { class: "proof" },
      element("summary", {}, element("span", {}, element("b", {}, words.say("signing.another_copy")))),
      element("div", { class: "stack" }, others.map(([, way]) => way("btn")))),
  ].filter((one) => one instanceof Node));
  return box;
}

/** Acts while nothing else in the box can be pressed, and says what goes wrong. @param {Page} page @param {HTMLElement} box @param {HTMLElement} said @param {() => Promise<void>} act */
export async function acting({ words }, box, said, act) {
  const controls = [...box.querySelectorAll("button, input")].map((one) => /** @type {HTMLButtonElement} */ (one));
  said.replaceChildren(element("p", { class: "muted" }, words.say("signing.working")));
  for (const one of controls) one.disabled = true;
  try {
    await act();
    said.replaceChildren();
  } catch (error) {
    said.replaceChildren(element("p", { class: "err" }, whyNot(words, error)));
  }
  for (const one of controls) one.disabled = false;
}

/** A key that was opened must be the one that is meant, where that is known. @param {Page} page @param {OpenKey} key @param {KeptKey | undefined} own @param {boolean} isOnly */
function fitting({ keys, act }, key, own, isOnly) {
  const known = keys.find((one) => one.public === key.public), party = act?.party;
  const isOther = isOnly ? own?.public !== key.public : known !== undefined && party !== undefined && known.party !== null && known.party !== party;
  if (!isOther) return key;
  key.forget();
  throw new Malformed("another key", "key");
}

/** A key was made for one registry's address; another that asks for it may be its new one, or somebody else. @param {Page} page @param {KeptKey} key */
function strangeRegistry({ act, words }, key) {
  if (act === null || act.registry === key.registry) return null;
  return element("p", { class: "note no" }, words.say("signing.other_address", { own: hostOf(key.registry), asks: hostOf(act.registry) }));
}

/** @param {Page} page @param {string} verb @param {string} look @param {Run} run @param {Child} [extra] */
function passkeyView(page, verb, look, run, extra) {
  const press = () => run(async () => {
    const act = /** @type {import("./act.js").Act} */ (page.act), { key, copy } = await openByPasskey(page, act);
    const known = page.keys.find((one) => one.public === key.public) ?? freshKey(act, key.public);
    if (!known.passkeys.some(({ credential }) => credential === copy.credential)) await keep({ ...known, passkeys: [...known.passkeys, copy] }).catch(() => {});
    return key;
  });
  return element("p", { class: "actions" }, button(look === "btn" ? page.words.say("signing.by_passkey") : verb, press, look), extra);
}

/** @param {Page} page @param {string} verb @param {string} look @param {KeptKey} own @param {Run} run @param {Child} [extra] */
function passphraseForm(page, verb, look, own, run, extra) {
  const { words } = page, field = passphraseField(page, words.say("signing.passphrase_of", { key: keyDigits(own.public) }));
  return form(() => run(() => openKeyFile(parseKeyFile(own.locked ?? ""), field.value(), page.derive), field.value()),
    field.view, element("p", { class: "actions" }, element("button", { class: look, type: "submit" }, verb), extra));
}

/** @param {Page} page @param {string} verb @param {string} look @param {Run} run @param {Child} [extra] */
function fileFields(page, verb, look, run, extra) {
  const { words } = page, chosenName = element("bdi", { class: "small", hidden: true });
  const file = /** @type {HTMLInputElement} */ (element("input", { type: "file", class: "vh", tabindex: -1, "aria-hidden": "true", change: () => {
    chosenName.textContent = file.files?.[0]?.name ?? "";
    chosenName.hidden = false;
  } }));
  const field = passphraseField(page, words.say("signing.passphrase"));
  return form(() => run(async () => {
    const chosen = file.files?.[0];
    return openKeyFile(parseKeyFile(chosen && chosen.size <= MAX_FILE ? await chosen.text() : ""), field.value(), page.derive);
  }, field.value()),
  element("p", { class: "actions" }, button(words.say("signing.key_file"), () => file.click()), file, chosenName), field.view,
  element("p", { class: "actions" }, element("button", { class: look, type: "submit" }, verb), extra));
}

/** A key out of a file alone; told the passphrase too, for whoever locks another copy. @param {Page} page @param {string} verb @param {Use["done"]} done */
export function fileForm(page, verb, done) {
  const said = element("div", { role: "alert" }), box = element("div", { class: "stack" });
  box.append(fileFields(page, verb, "btn", (open, passphrase = "") => void acting(page, box, said, () => withKey(open, (key) => done(key, passphrase)))), said);
  return box;
}

/** It can be looked at while it is typed. @param {Page} page @param {string} label @param {string} [completes] what the browser may fill in */
export function passphraseField({ words }, label, completes = "current-password") {
  const id = `passphrase-${++numbers}`;
  const input = /** @type {HTMLInputElement} */ (element("input", { type: "password", id, autocomplete: completes, spellcheck: "false", autocapitalize: "none" }));
  const shown = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", change: () => { input.type = shown.checked ? "text" : "password"; } }));
  return { value: () => input.value, view: element("div", { class: "field" }, element("label", { for: id }, label), input,
    element("div", { class: "ticks" }, element("label", {}, shown, words.say("signing.show_passphrase")))) };
}

/** It is sent nowhere: a policy forbids it, and so does this. @param {() => void} act @param {...Child} children */
export function form(act, ...children) {
  return element("form", { class: "stack", submit: (/** @type {Event} */ event) => {
    event.preventDefault();
    act();
  } }, ...children);
}

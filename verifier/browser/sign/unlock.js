/**
 * The gesture: the one place where a key is opened. It stands last on the page, below what is done with it, and opens the
 * key for that alone. A copy is on this device, in a file, or under a passkey.
 */

import { element } from "../page/dom.js";
import { Malformed } from "../base/errors.js";
import { CannotDerive } from "./derive.js";
import { withKey } from "./key.js";
import { Locked, openKeyFile, parseKeyFile, TooCostly } from "./key_file.js";
import { hostOf, keyDigits } from "./page.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {import("./page.js").KeptKey} KeptKey
 * @typedef {import("./key.js").OpenKey} OpenKey
 * @typedef {{verb: string, done: (key: OpenKey) => Promise<void>, extra?: import("../page/dom.js").Child | undefined}} Use
 *   `verb`: what the button says; `extra`: a button beside it
 * @typedef {(open: () => Promise<OpenKey>, passphrase?: string) => void} Run
 */

const MAX_FILE = 4096;
let numbers = 0;

/** This device's keys that an act can mean: of its registry's log, and of its party where it names one. @param {Page} page @returns {KeptKey[]} */
export function fittingKeys({ keys, act }) {
  if (act === null) return keys;
  const party = "party" in act ? act.party : undefined;
  return keys.filter((one) => one.genesis === act.genesis && (party === undefined || one.party === null || one.party === party));
}

/** Opens a key for one act while nothing else can be pressed, and says what goes wrong. @param {Page} page */
function runner(page) {
  const said = element("div", { role: "alert" });
  /** @param {HTMLElement} box @param {() => Promise<OpenKey>} open @param {(key: OpenKey) => Promise<void>} done */
  const run = async (box, open, done) => {
    const controls = [...box.querySelectorAll("button, input")].map((one) => /** @type {HTMLButtonElement} */ (one));
    said.replaceChildren(element("p", { class: "muted" }, page.words.say("signing.working")));
    for (const one of controls) one.disabled = true;
    try {
      await withKey(open, done);
      said.replaceChildren();
    } catch (error) {
      said.replaceChildren(element("p", { class: "err" }, whyNot(page, error)));
    }
    for (const one of controls) one.disabled = false;
  };
  return { run, said };
}

/** Buttons and fields that open a key and use it; what goes wrong is said beneath. @param {Page} page @param {Use} use */
export function gesture(page, { verb, done, extra }) {
  const { words } = page, kept = fittingKeys(page), { run, said } = runner(page);
  /** @type {Run} */
  const use = (open) => void run(box, open, done);
  const own = kept.find(({ locked }) => locked !== null);
  const box = element("div", { class: "stack" },
    own && strangeRegistry(page, own),
    own ? passphraseForm(page, verb, own, use, extra) : fileFields(page, verb, "btn go", use, extra),
    said,
    own && element("details", {},
      element("summary", {}, element("span", {}, element("b", {}, words.say("signing.another_copy")))),
      element("div", {}, fileFields(page, verb, "btn", use))));
  return box;
}

/** A key was made for one registry's address; another that asks for it may be its new one, or somebody else. @param {Page} page @param {KeptKey} key */
function strangeRegistry({ act, words }, key) {
  if (act === null || act.registry === key.registry) return null;
  return element("p", { class: "note no" }, words.say("signing.other_address", { own: hostOf(key.registry), asks: hostOf(act.registry) }));
}

/** @param {Page} page @param {string} verb @param {KeptKey} own @param {Run} run @param {Use["extra"]} [extra] */
function passphraseForm(page, verb, own, run, extra) {
  const { words } = page, field = passphraseField(words.say("signing.passphrase_of", { key: keyDigits(own.public) }));
  return form(() => run(() => openKeyFile(parseKeyFile(own.locked ?? ""), field.value(), page.derive)),
    field.view, element("p", { class: "actions" }, element("button", { class: "btn go", type: "submit" }, verb), extra));
}

/** @param {Page} page @param {string} verb @param {string} look @param {Run} run @param {Use["extra"]} [extra] */
function fileFields(page, verb, look, run, extra) {
  const { words } = page, number = ++numbers;
  const file = /** @type {HTMLInputElement} */ (element("input", { type: "file", id: `file-${number}` }));
  const field = passphraseField(words.say("signing.passphrase"));
  return form(() => run(async () => {
    const chosen = file.files?.[0];
    return openKeyFile(parseKeyFile(chosen && chosen.size <= MAX_FILE ? await chosen.text() : ""), field.value(), page.derive);
  }, field.value()),
  element("div", { class: "field" }, element("label", { for: `file-${number}` }, words.say("signing.key_file")), file), field.view,
  element("p", { class: "actions" }, element("button", { class: look, type: "submit" }, verb), extra));
}

/** A key out of a file, for one act; told the passphrase too, for whoever locks another copy. @param {Page} page @param {string} verb @param {(key: OpenKey, passphrase: string) => Promise<void>} done */
export function fileForm(page, verb, done) {
  const { run, said } = runner(page);
  const box = element("div", { class: "stack" }, fileFields(page, verb, "btn", (open, passphrase = "") => run(box, open, (key) => done(key, passphrase))), said);
  return box;
}

/** @param {string} label */
export function passphraseField(label) {
  const id = `passphrase-${++numbers}`;
  const input = /** @type {HTMLInputElement} */ (element("input", { type: "password", id, autocomplete: "current-password", spellcheck: "false", autocapitalize: "none" }));
  return { view: element("div", { class: "field" }, element("label", { for: id }, label), input), value: () => input.value, input };
}

/** It is sent nowhere: a policy forbids it, and so does this. @param {() => void} act @param {...import("../page/dom.js").Child} children */
export function form(act, ...children) {
  return element("form", { class: "stack", submit: (/** @type {Event} */ event) => {
    event.preventDefault();
    act();
  } }, ...children);
}

/** What is wrong, and what to do, in a sentence. @param {Page} page @param {unknown} error */
export function whyNot({ words }, error) {
  if (error instanceof Locked) return words.say("signing.wrong_passphrase");
  if (error instanceof TooCostly) return words.say("signing.too_costly");
  if (error instanceof CannotDerive) return words.say("signing.no_memory");
  if (error instanceof NotSent) return error.message;
  if (error instanceof Malformed) return words.say("signing.no_key_file");
  if (error instanceof TypeError) return words.say("signing.unreachable");
  reportError(error);
  return words.say("signing.unforeseen");
}

/** A registry did not take what was sent; the message is for people. */
export class NotSent extends Error {
  /** @param {string} message @param {string} code of the problem */
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

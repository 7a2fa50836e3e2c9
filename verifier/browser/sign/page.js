/** What every view of this page is given, and the small things that views are made of. */

import { zone } from "../page/clock.js";
import { element } from "../page/dom.js";
import { mark } from "../page/marks.js";
import { fingerprint } from "../page/policy.js";
import { printable } from "../base/printable.js";

/**
 * @typedef {import("../page/dom.js").Child} Child
 * @typedef {import("../words/catalogue.js").Catalogue} Catalogue
 * @typedef {import("./act.js").Act} Act
 * @typedef {import("./act.js").Told} Told
 * @typedef {import("./store.js").KeptKey} KeptKey
 * @typedef {import("../page/policy.js").Pinned} Pinned
 * @typedef {{words: Catalogue, languages: readonly Catalogue[], act: Act | null, keys: KeptKey[], policy: Pinned | null, derive: import("./key_file.js").Derive,
 *   draw: () => void, reload: () => Promise<void>, show: (views: readonly Child[]) => void}} Page
 *   `keys` are those of this device; `draw` begins the act's view anew, `show` puts another in its place
 */

/** @param {string} text @param {() => void} press @param {string} [look] class @param {string} [lang] */
export function button(text, press, look = "btn", lang = undefined) {
  return element("button", { class: look, type: "button", click: press, lang }, text);
}

/** @param {Child | readonly Child[]} heading @param {...(Child | readonly Child[])} lead */
export function opening(heading, ...lead) {
  return element("div", {}, element("h1", {}, heading), lead.length > 0 && element("p", { class: "lead" }, ...lead));
}

/** @param {string} tone @param {...(Child | readonly Child[])} children */
export function note(tone, ...children) {
  return element("div", { class: `note ${tone}` }, ...children);
}

/** The key's first 16 digits. @param {string} publicKey */
export const keyDigits = (publicKey) => fingerprint(publicKey);

/** @param {Page} page @param {bigint} instant */
export const moment = (page, instant) => page.words.time("view.moment", instant, zone());

/** Where an act came from, as people read it. @param {string} origin */
export const hostOf = (origin) => new URL(origin).host;

/** What the registry's page calls a party, if it does. @param {readonly Told[]} people @param {string} party */
export function calledName(people, party) {
  const name = people.find((one) => one.party === party)?.name;
  return name === undefined ? null : printable(name);
}

/** @param {string} name */
function initials(name) {
  return name.split(" ").filter((word) => word).slice(0, 2).map((word) => [...word][0]).join("");
}

/** A party by her name, her role and 16 digits of her id. @param {readonly Told[]} people @param {string} party @param {string} role what she is called here @param {boolean} isPerson */
export function person(people, party, role, isPerson) {
  const name = calledName(people, party);
  return element("span", { class: "person" },
    element("i", { class: isPerson ? "" : "org", "aria-hidden": "true" }, initials(name ?? party.slice(0, 2))),
    element("span", {},
      name !== null && element("bdi", {}, name),
      element("small", {}, role),
      element("small", { class: "mono" }, fingerprint(party))));
}

/** A text in which ids stand: each by the name of its party and 16 digits. @param {string} text @param {readonly Told[]} people @returns {Child[]} */
export function withNames(text, people) {
  return text.split(/([0-9a-f]{64})/).map((part, place) => {
    if (place % 2 === 0) return part;
    const name = calledName(people, part), digits = element("code", {}, fingerprint(part));
    return name === null ? digits : element("span", {}, element("bdi", {}, name), " ", digits);
  });
}

/** What can be opened for a second look. @param {string} title @param {string} line @param {...(Child | readonly Child[])} children */
export function details(title, line, ...children) {
  return element("details", { class: "proof" }, element("summary", {}, element("span", {}, element("b", {}, title), line)), ...children);
}

/** @param {string} tone @param {string} text */
export const badge = (tone, text) => element("span", { class: `badge ${tone}` }, mark(tone), text);

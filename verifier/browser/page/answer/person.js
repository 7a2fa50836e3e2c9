/** A party as people see one: initials, name, role, and by what to tell it from another; never its name alone. */

import { element } from "../dom.js";
import { fingerprint } from "../policy.js";

/** @typedef {import("./view.js").View} View */

const WORDS = 2;

/** The first letters of the first words of a name; of an id the first digits. @param {string} name */
function initials(name) {
  return name.split(" ").filter((word) => word).slice(0, WORDS).map((word) => [...word][0]).join("");
}

/** @param {View} view @param {string} role @param {string} id @param {string} [more] what else is known of it here */
export function person(view, role, id, more) {
  const name = view.nameOf(id), known = view.context.details?.people.get(id), called = view.words.code("role", role);
  const registrar = known?.registrar;
  const vouched = name && registrar ? view.say("view.vouched", { role: called, registrar: fingerprint(registrar) }) : name ? called : view.say("view.unnamed", { role: called });
  return element("span", { class: "person" },
    element("i", { class: known?.isHouse === false ? "" : "org", "aria-hidden": "true" }, initials(name ?? id.slice(0, 2))),
    element("span", {},
      name && element("bdi", {}, name),
      element("small", {}, vouched),
      more && element("small", {}, more),
      element("small", { class: "mono" }, fingerprint(id))));
}

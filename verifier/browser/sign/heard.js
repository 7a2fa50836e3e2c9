/**
 * What a person reads out to her registrar, compared on the registrar's device: whoever made the link, and whatever the
 * registry's page says, nobody is vouched for whose key was not read out. The page does not show it.
 */

import { parseHex } from "../base/bytes.js";
import { element } from "../page/dom.js";
import { fingerprintOf } from "./sheet.js";
import { NotSent } from "./trouble.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {{view: import("../page/dom.js").Child, check: () => void}} Heard `check` raises {@link NotSent}
 */

/** Fields for the keys that a statement makes somebody's, each of which a person has; null where it makes none. @param {Page} page @param {import("./submission.js").Submission} submission @returns {Heard | null} */
export function heardOf({ words }, { statement }) {
  const keys = statement.type === "party" && Array.isArray(statement.keys) ? statement.keys.map(String) : [];
  if (!keys.length) return null;
  const fields = keys.map((_, place) => /** @type {HTMLInputElement} */ (element("input", { type: "text", id: `heard-${place}`, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40, "aria-describedby": "heard-like" })));
  return {
    view: element("div", { class: "stack" }, element("h2", {}, words.say("signing.heard_title")), element("p", {}, words.say("signing.heard_says")),
      fields.map((field) => element("div", { class: "field" }, element("label", { for: field.id }, words.say("signing.heard")), field)),
      element("p", { class: "muted small", id: "heard-like" }, words.say("signing.heard_like"))),
    check: () => {
      if (!fields.every((field, place) => lettersOf(field.value) === lettersOf(fingerprintOf(parseHex(keys[place] ?? ""))))) throw new NotSent(words.say("signing.not_heard"), "not_read_out");
    },
  };
}

/** However it was spaced. The digits 0, 1 and 8 are no base32: they are read as the letters that they look like. @param {string} said */
const lettersOf = (said) => said.toUpperCase().replace(/[^A-Z0-9]/g, "").replace(/0/g, "O").replace(/1/g, "I").replace(/8/g, "B");

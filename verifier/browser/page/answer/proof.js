/** The limits of the answer, and the proof as numbers: for a second check, by somebody else, elsewhere. */

import { decodeUtf8 } from "../../base/bytes.js";
import { encode } from "../../base/canonical.js";
import { printable } from "../../base/printable.js";
import { entriesOf, entryList, numberOf, objectOf, objectsOf, textOf } from "../../evidence/explain.js";
import { element } from "../dom.js";
import { fingerprint } from "../policy.js";
import { card, fact } from "./parts.js";
import { Name, nodes } from "./view.js";

/** @typedef {import("./view.js").View} View */

/** A digest in groups that can be compared. @param {string} hex */
function grouped(hex) {
  return (hex.match(/.{1,8}/g) ?? []).join(" ");
}

/** @param {View} view */
export function limitsCard(view) {
  const isInvalid = textOf(view.verdict, "outcome") === "invalid";
  return card("limits", view.say("view.not_proved"),
    element("p", {}, view.say(isInvalid ? "view.not_proved_invalid" : "view.not_proved_use")),
    element("p", {}, element("strong", {}, view.say("view.picture")), " ", view.say("view.picture_why")));
}

/** Under whose policy. @param {View} view @returns {(string | Name)[]} */
export function policyOf(view) {
  const { name, sha256 } = view.context.policy;
  if (name === null) return [view.say("view.own_policy", { fingerprint: fingerprint(sha256) })];
  return view.parts("view.named_policy", { name: new Name(printable(name)), fingerprint: fingerprint(sha256) });
}

/** @param {View} view */
export function proofCard(view) {
  const { verdict, context: { file, details }, question } = view, asOf = objectOf(verdict, "as_of"), isInvalid = textOf(verdict, "outcome") === "invalid";
  const code = (/** @type {string} */ text) => element("code", {}, text);
  const facts = [
    fact(view.say("view.proof_file"), element("bdi", {}, printable(file.name)), element("br"), code(`sha256 ${grouped(file.sha256)}`)),
    ...(isInvalid
      ? [fact(view.say("view.proof_step"), view.say(`step.${numberOf(verdict, "step")}`), element("br"), code([numberOf(verdict, "step"), textOf(verdict, "code"), textOf(verdict, "where")].filter((one) => one !== undefined).join(" ")))]
      : [
          fact(view.say("view.proof_question"), code(`${question.kind} ${question.id}`), question.ask ? [" ", code(question.ask)] : null),
          fact(view.say("view.proof_log"), details ? [code(details.origin), element("br")] : null, view.say("view.proof_size", { n: numberOf(asOf, "size") })),
          fact(view.say("view.proof_instant"), view.words.moment(view.instant)),
          fact(view.say("view.proof_seen"), details?.cosigners.length ? details.cosigners.map((name) => element("div", {}, code(name))) : view.say("view.proof_seen_none")),
          fact(view.say("view.proof_basis"), view.say(`basis.${textOf(asOf, "basis")}`)),
          fact(view.say("view.proof_rules"), view.say("view.proof_version", { version: String(numberOf(asOf, "rules")) })),
        ]),
    fact(view.say("view.proof_policy"), nodes(policyOf(view)), element("br"), code(`sha256 ${grouped(view.context.policy.sha256)}`)),
    isInvalid ? null : fact(view.say("view.proof_reasons"), element("ul", { class: "rules" }, objectsOf(verdict, "rules").map((row) => ruleLine(view, row)))),
  ];
  return element("section", { class: "card", "aria-label": view.say("view.proof") },
    element("details", { class: "proof" },
      element("summary", {}, element("span", {}, element("b", {}, view.say("view.proof")), view.say("view.proof_for"))),
      element("dl", { class: "facts" }, facts), raw(view)));
}

/** @param {View} view @param {import("./view.js").JsonObject} row */
function ruleLine(view, row) {
  const entries = entriesOf(row);
  return element("li", {}, element("code", {}, `${textOf(row, "rule")} ${textOf(row, "result")} ${textOf(row, "code")}`), entries.length ? ` ${entryList(entries, view.words)}` : "");
}

/** The canonical JSON, made when it is asked for: a record book's is long. @param {View} view */
function raw(view) {
  const place = element("pre", { tabindex: 0, "aria-label": view.say("view.proof_json") });
  return element("details", {
    class: "proof", toggle: () => {
      if (!place.firstChild) place.append(decodeUtf8(encode(view.verdict)));
    },
  }, element("summary", {}, element("span", {}, element("b", {}, view.say("view.proof_json")))), place);
}

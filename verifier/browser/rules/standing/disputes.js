/** A20: open disputes warn; a disputed key makes an entry doubtful; a ruling decides. */

import { always } from "../model/results.js";
import { consentTouched, isClosed, rulingsOf, rulingsOn } from "./rulings.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/record.js").Entry} Entry
 */

/**
 * A20's row for an entry that is not void.
 * @param {Context} context @param {Entry} entry @param {import("../model/context.js").Judgement} judgement
 */
export function judgeDisputes(context, entry, judgement) {
  if (judgement.standing === "doubtful" && judgement.rule === "A20") {
    return [always("UNKNOWN", judgement.code, entry.index, ...judgement.entries)];
  }
  const consent = consentTouched(entry);
  if (consent === null) return [always("NOT_APPLICABLE", "not_applicable")];
  const rulings = rulingsOf(context, consent);
  if (!rulings) return [always("UNKNOWN", "list_missing", entry.index)];
  const upheld = rulingsOn(rulings, entry).map(([{ index }]) => index);
  return [upheld.length ? always("PASS", "ruled", ...upheld) : always("NOT_APPLICABLE", "not_applicable")];
}

/**
 * A warning with the disputes on a consent that no ruling has closed.
 * @param {Context} context @param {string} consent @returns {import("../model/results.js").Remark[]}
 */
export function openDisputes(context, consent) {
  const rulings = rulingsOf(context, consent), listed = context.listed(`consent:${consent}`, "dispute");
  if (!rulings || !listed) return [];
  const open = listed.map(([dispute]) => dispute).filter((dispute) => {
    const ruled = dispute.statement.of.every((id) => rulings.byId.get(id)?.some(([{ index }]) => index > dispute.index));
    return !isClosed(rulings, dispute) && !ruled;
  });
  return open.length ? [{ code: "disputed", entries: open.map(({ index }) => index) }] : [];
}

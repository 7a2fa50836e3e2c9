/** A20: open disputes warn; a disputed key makes an entry doubtful; a ruling decides. */

import { always } from "../model/results.js";
import { consentTouched, disputed, isClosed, rulingsOf, rulingsOn } from "./rulings.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/record.js").Entry} Entry
 */

/**
 * A20's row for an entry that is not void, whatever else leaves it in doubt.
 * @param {Context} context @param {Entry} entry @param {import("../model/context.js").Judgement} judgement
 */
export function judgeDisputes(context, entry, judgement) {
  const unsure = [judgement, disputed(context, entry)].find(({ standing, rule }) => standing === "doubtful" && rule === "A20");
  const consent = consentTouched(entry);
  if (unsure) return [always("UNKNOWN", unsure.code, entry.index, ...unsure.entries)];
  const rulings = consent === null ? null : rulingsOf(context, consent);
  const upheld = rulings ? rulingsOn(rulings, entry).map(([{ index }]) => index) : [];
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

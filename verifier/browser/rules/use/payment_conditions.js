/** A18: conditions on money before and between uses. */

import { always } from "../model/results.js";

/** @param {import("./case.js").UsageCase} usageCase @returns {import("../model/results.js").Timed[]} */
export function judgeMoneyFirst(usageCase) {
  const { pay_first = "none", overdue_limit } = usageCase.allowed;
  if (pay_first === "none" && overdue_limit === undefined) return [always("NOT_APPLICABLE", "not_applicable")];
  return [always("UNKNOWN", "bad_terms")];
}

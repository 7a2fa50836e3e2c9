/** Rules M1 to M8 and the verdict's `paid`. */

/**
 * @typedef {{payee: string, leg: string, of: string, answer: string, due: bigint, received: bigint, outstanding: bigint,
 *   dueAt: bigint | null, daysLate: bigint | null}} PayeeLine
 * @typedef {{answer: string, currency: string | null, payees: PayeeLine[]}} Paid
 * @typedef {{rows: import("../model/results.js").Row[], warnings: import("../model/results.js").Remark[], paid: Paid}} Money
 */

/** @param {import("../model/context.js").Context} _context @param {import("../use/case.js").UsageEntry} _usage @returns {Money} */
export function judgeMoney(_context, _usage) {
  return { rows: [], warnings: [], paid: { answer: "CANNOT_TELL", currency: null, payees: [] } };
}

/** @param {import("../model/context.js").Context} _context @param {import("../use/case.js").ConsentEntry} _consent @returns {Money | null} */
export function judgeConsentMoney(_context, _consent) {
  return null;
}

/** Sums of money and units: integers within the protocol's bounds, and exact rounding (protocol, section 2; M1, M2). */

import { MAX_INTEGER } from "../../base/canonical.js";
import { floorDivide } from "../../base/instant.js";

/** What money is for: [usage or consent, amount]. @typedef {readonly (readonly [string, bigint])[]} Lines */

/** @param {bigint} amount */
export const isTooLarge = (amount) => amount < -MAX_INTEGER || amount > MAX_INTEGER;

/** The integer nearest to an exact fraction; of two equally near, the even one. @param {bigint} numerator @param {bigint} denominator above 0 */
export function halfEven(numerator, denominator) {
  const whole = floorDivide(numerator, denominator), twice = 2n * (numerator - whole * denominator);
  const even = whole % 2n === 0n;
  return whole + (twice > denominator || (twice === denominator && !even) ? 1n : 0n);
}

/** The lines as far as an amount reaches, in order, each name once. @param {Lines} lines @param {bigint | null} amount null: no bound @returns {Lines} */
export function within(lines, amount) {
  /** @type {Map<string, bigint>} */
  const found = new Map();
  let left = amount;
  for (const [name, wanted] of lines) {
    const part = left === null || wanted < left ? wanted : left;
    if (!part) continue;
    found.set(name, (found.get(name) ?? 0n) + part);
    if (left !== null) left -= part;
  }
  return [...found];
}

/** @param {Iterable<bigint>} amounts */
export function sum(amounts) {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** Why something about money cannot be told. */

import { codeOrder } from "../model/codes.js";

/** The rule that finds it, a reason code, and the rising indices of the entries that it is about. @typedef {{rule: string, code: string, entries: readonly number[]}} Reason */

/** @param {string} rule @param {string} code @param {readonly number[]} [entries] @returns {Reason} */
export const reason = (rule, code, entries = []) => ({ rule, code, entries });

/** Thrown where there is no figure to go on with, and caught where the rule's result is written. */
export class CannotTell extends Error {
  /** @param {string} rule @param {string} code @param {readonly number[]} [entries] */
  constructor(rule, code, entries = []) {
    super(code);
    this.reason = reason(rule, code, entries);
  }
}

/** @param {Iterable<number>} indices rising, each once */
export const rising = (indices) => [...new Set(indices)].sort((a, b) => a - b);

/** One reason per rule and code, with all entries of those that are alike, in the order of the list of codes. @param {Iterable<Reason>} reasons @returns {Reason[]} */
export function gather(reasons) {
  /** @type {Map<string, Reason>} */
  const found = new Map();
  for (const { rule, code, entries } of reasons) {
    const key = `${rule} ${code}`;
    found.set(key, reason(rule, code, [...(found.get(key)?.entries ?? []), ...entries]));
  }
  return [...found.values()]
    .map(({ rule, code, entries }) => reason(rule, code, rising(entries)))
    .sort((a, b) => codeOrder(a.code) - codeOrder(b.code) || (a.rule < b.rule ? -1 : 1));
}

/** The reason whose code comes first; of none, undefined. @param {readonly Reason[]} reasons */
export function firstOf(reasons) {
  return reasons.length ? reasons.reduce((one, other) => (codeOrder(other.code) < codeOrder(one.code) ? other : one)) : undefined;
}

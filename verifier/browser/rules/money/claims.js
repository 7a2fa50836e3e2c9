/**
 * What is due, claim by claim (M1, M2, M4): one running total of a consent, rounded half-even once at each entry or instant
 * that adds to it, and split among the payees; a line is the change that one of them makes.
 */

import { MAX_INSTANT } from "../../base/instant.js";
import { most } from "../model/results.js";
import { halfEven, isTooLarge } from "./amounts.js";
import { CannotTell, reason } from "./reasons.js";
import { legTotal, quotasOf } from "./splits.js";

/**
 * @typedef {import("./allocation.js").Claim} Claim
 * @typedef {import("./allocation.js").DueLine} DueLine
 * @typedef {import("./reasons.js").Reason} Reason
 * @typedef {import("./splits.js").Leg} Leg
 */
/**
 * What one entry, or one instant of the consent, adds, exact. `place`: 0 of the consent, 1 what falls away of it, 2 of a
 * usage: so they come at a tie of time. `advance` is set off against all that is earned, `held` against what is earned in its `period` alone.
 * @typedef {{at: bigint, place: 0 | 1 | 2, entry: number, dueAt: bigint, claim: Claim, flat: bigint, advance: bigint, held: bigint,
 *   earned: bigint, period: number, first: boolean}} Posting
 */
/** What is due on one leg: each claim's lines in the order in which they arose, and their sum. @typedef {{leg: Leg, lines: Map<Claim, DueLine[]>, due: Map<Claim, bigint>, total: bigint}} Debt */

/** The order in which postings arise; of one day what a session waits for comes first. @param {Posting} a @param {Posting} b */
function inOrder(a, b) {
  const keys = (/** @type {Posting} */ one) => [
    one.at, one.place, one.entry, one.dueAt, one.claim.id, one.claim.at, Number(!one.first), one.flat, one.advance, one.held, one.earned, one.period,
  ];
  const other = keys(b);
  for (const [place, key] of keys(a).entries()) {
    const against = /** @type {bigint | number | string} */ (other[place]);
    if (key !== against) return key < against ? -1 : 1;
  }
  return 0;
}

/** One reading of what is due. */
export class Ledger {
  /** @param {readonly Leg[]} legs @param {readonly bigint[]} parts @param {bigint} scale @param {readonly Posting[]} postings */
  constructor(legs, parts, scale, postings) {
    /** @type {Debt[]} */
    this.debts = legs.map((leg) => ({ leg, lines: new Map(), due: new Map(), total: 0n }));
    /** The entries that each claim's due rests on; the claims in order. @type {Map<Claim, number[]>} */
    this.entries = new Map();
    /** Claims of which too large a sum was made, with the reason. @type {Map<Claim, Reason>} */
    this.lost = new Map();
    /** Claims of the consent that are set off against what is earned: in which periods, -1: in all. @type {Map<Claim, Set<number>>} */
    this.advances = new Map();
    this.parts = parts;
    this.scale = scale;
    this.flat = 0n;
    this.advanced = 0n;
    this.earned = 0n;
    /** @type {Map<number, {held: bigint, earned: bigint}>} */
    this.periods = new Map();
    this.inPeriods = 0n;
    this.total = 0n;
    this.isTooLarge = false;
    /** @type {Reason | null} */
    this.broken = null;
    for (const posting of [...postings].sort(inOrder)) this.add(posting);
  }

  /** @param {Posting} posting */
  add(posting) {
    const { claim, entry } = posting, before = this.total;
    if (claim.ofConsent && (posting.advance || posting.held)) this.advances.set(claim, new Set([...(this.advances.get(claim) ?? []), posting.period]));
    this.take(posting);
    const after = halfEven(this.flat + most(this.advanced, this.earned) + this.inPeriods, this.scale);
    this.isTooLarge ||= isTooLarge(after);
    if (!this.isTooLarge) this.total = after;
    const entries = this.entries.get(claim) ?? [];
    if (!entries.includes(entry)) this.entries.set(claim, [...entries, entry].sort((a, b) => a - b));
    if (this.isTooLarge && !this.lost.has(claim)) this.lost.set(claim, reason("M1", "too_large", [entry]));
    this.split(posting, this.total !== before);
  }

  /** Of each period, its line is what is more than what it earned. @param {Posting} posting */
  take({ flat, advance, earned, held, period }) {
    this.flat += flat;
    this.advanced += advance;
    this.earned += earned;
    if (period < 0) return;
    const before = this.periods.get(period) ?? { held: 0n, earned: 0n };
    const now = { held: before.held + held, earned: before.earned + earned };
    this.periods.set(period, now);
    this.inPeriods += most(now.held, now.earned) - now.earned - (most(before.held, before.earned) - before.earned);
  }

  /** Add to every leg's debt what the new running total adds; a line of 0 still says that there is such a claim. @param {Posting} posting @param {boolean} changed */
  split(posting, changed) {
    const { claim, entry } = posting;
    let amounts = this.debts.map(() => 0n);
    if (changed && this.debts.length && !this.broken) {
      const shares = quotasOf(this.total, this.parts);
      try {
        amounts = this.debts.map(({ leg, total }) => legTotal(leg, shares) - total);
      } catch (error) {
        if (!(error instanceof CannotTell)) throw error;
        this.broken = error.reason;
      }
    }
    if (this.broken && !this.lost.has(claim)) this.lost.set(claim, { ...this.broken, entries: [entry] });
    const dueAt = posting.dueAt <= MAX_INSTANT ? posting.dueAt : null;
    this.debts.forEach((debt, place) => {
      const amount = amounts[place] ?? 0n;
      if (amount) {
        const line = { index: entry, logged: posting.at, amount, dueAt, countsAt: null, first: posting.first };
        debt.lines.set(claim, [...(debt.lines.get(claim) ?? []), line]);
        debt.total += amount;
      }
      debt.due.set(claim, (debt.due.get(claim) ?? 0n) + amount);
    });
  }
}

/** The number of the period [date, next date) in which a usage was logged, -1: none. @param {readonly bigint[]} dates the last is where the last period ends @param {bigint} logged */
export function periodOf(dates, logged) {
  const place = dates.filter((date) => date <= logged).length - 1;
  return place < dates.length - 1 ? place : -1;
}

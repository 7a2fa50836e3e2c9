/** One leg of a consent's book: what is due on it, what came, and how the two fill (M3, M4, M6). */

import { least as smaller, most as larger } from "../model/results.js";
import { Allocation, byDue, byTime, daysAfter, netOf, PASS_ON_DAYS } from "./allocation.js";
import { sum } from "./amounts.js";
import { gather } from "./reasons.js";

/**
 * @typedef {import("./allocation.js").Claim} Claim
 * @typedef {import("./allocation.js").DueLine} DueLine
 * @typedef {import("./allocation.js").Inflow} Inflow
 * @typedef {import("./claims.js").Debt} Debt
 * @typedef {import("./account.js").Side} Side
 * @typedef {import("./reasons.js").Reason} Reason
 */
/** Why the most of a claim has no bound, as a reason code, and from when on it has fallen due; null: always. @typedef {{code: string, dueAt: bigint | null}} Open */
/**
 * What one consent has due at an instant. `names`: the claims of each id that money may name, in order. `open` and `lost`:
 * claims whose most has no bound, and of which nothing can be told.
 * @typedef {{consent: string, names: ReadonlyMap<string, readonly Claim[]>, open: ReadonlyMap<Claim, Open>, lost: ReadonlyMap<Claim, Reason>}} Dues
 */

/** @param {readonly DueLine[]} lines @param {bigint} instant */
function fallen(lines, instant) {
  return sum(lines.filter(({ dueAt, countsAt }) => {
    const at = dueAt ?? countsAt;
    return at !== null && at <= instant;
  }).map(({ amount }) => amount));
}

/** What a licensee paid past the agency, or was let off, as far as it filled a payee's part (M3). @param {Iterable<Claim>} claims @param {readonly Allocation[]} allocations @returns {Inflow[]} */
function passedOn(claims, allocations) {
  const all = [...claims];
  return allocations.flatMap((allocation) => all.flatMap((claim) => allocation.parts(claim)
    .filter(({ inflow }) => inflow.licensee)
    .map(({ amount, inflow }) => ({ ...inflow, amount, lines: [/** @type {const} */ ([claim.id, amount])], licensee: false }))));
}

/**
 * One leg, filled three ways. `sure`: the most that is due by the least received; `possible`: the least due by the most
 * received; `shown`: what is known to be due by the least received, which is what a verdict's figures say.
 */
export class LegBook {
  /**
   * @param {Debt} least @param {Debt} most the same object where there is one reading
   * @param {Side} side @param {Dues} dues
   * @param {readonly LegBook[]} passed the `from_agency` legs that may lower a `to_agency` leg
   */
  constructor(least, most, side, dues, passed) {
    this.leg = least.leg;
    this.leastDebt = least;
    this.mostDebt = most;
    this.side = side;
    this.dues = dues;
    this.passed = passed;
    /** The `to_agency` leg whose money a `from_agency` leg passes on. @type {LegBook | null} */
    this.after = null;
    this.isParted = least !== most;
    this.reasons = gather([...side.reasons, ...passed.flatMap((one) => one.side.reasons)]);
    this.unknowns = gather([...side.unknowns, ...passed.flatMap((one) => one.side.shared)]);
    const bound = new Map([...most.due].map(([claim, due]) => [claim, this.isParted ? smaller(least.due.get(claim) ?? 0n, due) : due]));
    const negative = [...bound].filter(([, amount]) => amount < 0n);
    /** @type {Map<Claim, bigint | null>} */
    const known = new Map(bound);
    for (const [claim] of negative) known.set(claim, 0n);
    // Of what cannot be told nothing need be due; its figures are those of what is known.
    const leastDue = new Map(known);
    for (const claim of dues.lost.keys()) leastDue.set(claim, 0n);
    /** The claims, in order, whose most has no bound. @type {Map<Claim, Open>} */
    this.open = new Map(this.leg.gross === 0n ? [] : dues.open);
    if (dues.lost.size && this.leg.gross !== 0n) {
      const found = new Map([...this.open, ...[...dues.lost].map(([claim, { code }]) => /** @type {const} */ ([claim, { code, dueAt: null }]))]);
      this.open = new Map([...bound.keys()].flatMap((claim) => {
        const open = found.get(claim);
        return open ? [[claim, open]] : [];
      }));
    }
    const mostDue = this.isParted
      ? new Map([...most.due].map(([claim, due]) => [claim, /** @type {bigint | null} */ (larger(least.due.get(claim) ?? 0n, due, 0n))])) : new Map(known);
    for (const claim of this.open.keys()) mostDue.set(claim, null);
    // A line of -1 whose claim has nothing to cancel leaves that much for others.
    const freed = negative.flatMap(([claim, amount]) => {
      const last = least.lines.get(claim)?.at(-1);
      return last ? [{ at: last.logged, amount: -amount, lines: [], entries: [], licensee: false, credit: false }] : [];
    });
    const fill = (/** @type {ReadonlyMap<Claim, bigint | null>} */ due, /** @type {readonly Inflow[]} */ came, /** @type {Allocation[]} */ by) =>
      new Allocation(due, byTime([...came, ...freed, ...passedOn(bound.keys(), by)]), dues.names, dues.consent);
    this.shown = fill(known, side.least, passed.map(({ shown }) => shown));
    this.sure = fill(mostDue, side.least, passed.map(({ sure }) => sure));
    this.possible = fill(leastDue, side.most, passed.map(({ possible }) => possible));
  }

  /** All claims, in the order in which they arose. */
  get claims() {
    return [...this.mostDebt.due.keys()];
  }

  /** One of the two readings of what is due. @param {boolean} most */
  debt(most) {
    return most ? this.mostDebt : this.leastDebt;
  }

  /** The least that is due for a claim, fallen due or not. @param {Claim} claim */
  due(claim) {
    return this.leastDebt.due.get(claim) ?? 0n;
  }

  /** Whether the two readings of what is due part. @param {Claim} claim */
  differs(claim) {
    return this.leastDebt.due.get(claim) !== this.mostDebt.due.get(claim);
  }

  /** What came: to the payee, and past an agency to those whose part goes through it (M3). @param {boolean} most */
  came(most) {
    return [...(most ? this.side.most : this.side.least), ...passedOn(this.claims, this.passed.map((one) => (most ? one.possible : one.sure)))];
  }

  /**
   * A claim's lines, net (M6), in the order in which they fall due. What an agency passes on falls due 45 days after it
   * surely had all of the claim's sum, and until then has no date (M3).
   * @param {Claim} claim @param {boolean} [most]
   */
  lines(claim, most = false) {
    const lines = netOf(this.debt(most).lines.get(claim) ?? []);
    if (!this.after) return byDue(lines);
    const dueAt = this.after.passOnAt(claim);
    return byDue(lines.map((line) => ({ ...line, dueAt, countsAt: line.dueAt === null ? null : daysAfter(line.dueAt, PASS_ON_DAYS) })));
  }

  /** When the parts of a claim's sum fall due from the agency that receives it. @param {Claim} claim */
  passOnAt(claim) {
    if (!this.sure.isFull(claim)) return null;
    const times = [
      ...this.sure.arrivals(claim).map(({ inflow }) => inflow.at), ...(this.mostDebt.lines.get(claim) ?? []).map(({ logged }) => logged),
    ];
    return times.length ? daysAfter(larger(times[0] ?? 0n, ...times), PASS_ON_DAYS) : null;
  }

  /** The least of what has fallen due of a claim (M4's D). @param {Claim} claim @param {bigint} instant */
  fallenLeast(claim, instant) {
    const least = fallen(this.lines(claim), instant);
    return this.isParted ? smaller(least, fallen(this.lines(claim, true), instant)) : least;
  }

  /** The most of it; null: there is no bound. @param {Claim} claim @param {bigint} instant */
  fallenMost(claim, instant) {
    const open = this.open.get(claim);
    if (open) {
      const dueAt = open.dueAt !== null && this.after ? daysAfter(open.dueAt, PASS_ON_DAYS) : open.dueAt;
      if (open.dueAt === null || (dueAt !== null && dueAt <= instant)) return null;
    }
    const most = fallen(this.lines(claim, true), instant);
    return this.isParted ? larger(most, fallen(this.lines(claim), instant)) : most;
  }
}


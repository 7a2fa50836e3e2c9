/** What usages earn under a consent: its fees but the flat ones, entry by entry in log order (M1). Amounts are exact: minor units times a scale. */

import { owedOf, scopeOfFee } from "./fees.js";
import { counterOf, FEE_UNITS, UsageRun } from "./units.js";
import { most } from "../model/results.js";

/**
 * @typedef {import("./fees.js").Fee} Fee
 * @typedef {import("./fees.js").FeeScope} FeeScope
 * @typedef {import("./units.js").Event} Event
 * @typedef {{index: number, logged: bigint, usage: string, exact: bigint, begins: Fee[]}} Earned what one entry earned, and the flat fees that arise with it
 */

/** What every scale is a multiple of: fees are per mille, or a share in hundredths of a per cent. */
export const SCALE = 10_000n;

/** Counts for the usages that meet a fee's scope; of impressions only those inside it. */
class FeeCounter {
  /** @param {Fee} fee @param {FeeScope | null} scope @param {bigint} scale */
  constructor(fee, scope, scale) {
    const unit = /** @type {import("./units.js").Unit} */ (FEE_UNITS.get(fee.per));
    this.fee = fee;
    this.scope = scope;
    this.scale = scale / unit.per;
    this.counted = counterOf(unit, fee.once ?? false);
    /** @type {Map<string, bigint>} */
    this.most = new Map();
  }

  /** The price of what an entry adds, exact. @param {string} usage @param {UsageRun} run */
  count(usage, run) {
    const before = this.counted.total;
    this.take(usage, run);
    const after = this.counted.total;
    return after === before ? 0n : this.scale * priceOf(this.fee, before, after);
  }

  /** @param {string} usage @param {UsageRun} run */
  take(usage, run) {
    const { scope, fee } = this;
    if (!scope) this.counted.count(usage, run);
    else if (scope.meets(run)) {
      if (fee.per !== "mille") this.counted.count(usage, run);
      else {
        const inside = run.lines.filter((line) => scope.holds(line)).reduce((total, { impressions }) => total + impressions, 0n);
        this.most.set(usage, most(inside, this.most.get(usage) ?? 0n)); // a lower total is ignored
        this.counted.count(usage, /** @type {UsageRun} */ ({ impressions: this.most.get(usage) }));
      }
    }
  }
}

/** Takes the usages and reports of a consent one by one, in log order, and says what each earns. */
export class Schedule {
  /** @param {readonly Fee[]} fees @param {bigint} scale */
  constructor(fees, scale) {
    const scoped = fees.map((fee) => ({ fee, scope: scopeOfFee(fee) }));
    /** @type {import("./reasons.js").Reason[]} why nothing that the schedule says can be relied on */
    this.doubts = [];
    this.counters = scoped.filter(({ fee }) => fee.per !== "flat").map(({ fee, scope }) => new FeeCounter(fee, scope, scale));
    /** Flat fees owed by use that have not arisen yet. */
    this.waiting = scoped.filter(({ fee }) => fee.per === "flat" && owedOf(fee) === "use");
    this.scopes = scoped.filter(({ fee }) => fee.per !== "flat" || owedOf(fee) === "use").map(({ scope }) => scope);
    const reported = scoped.filter(({ fee }) => fee.per === "mille" || fee.per === "value");
    this.meant = reported.filter(({ fee }) => fee.amount || fee.bp || fee.tiers?.some(({ amount }) => amount));
    this.readsTime = countsTime(fees) || reported.length > 0;
    /** @type {Map<string, UsageRun>} */
    this.runs = new Map();
    /** @type {Map<string, number>} the usages that no fee meets so far */
    this.unpriced = new Map();
  }

  /** What one more entry earns; null for one under a consent that was replaced. @param {Event} event @returns {Earned | null} */
  add(event) {
    const run = this.take(event);
    let exact = 0n;
    for (const counter of this.counters) exact += counter.count(event.usage, run);
    if (!event.own) return null;
    const begins = this.waiting.filter(({ scope }) => !scope || scope.meets(run));
    this.waiting = this.waiting.filter((one) => !begins.includes(one));
    if (this.scopes.length && !this.scopes.includes(null)) {
      if (this.scopes.some((scope) => scope?.meets(run))) this.unpriced.delete(event.usage);
      else if (event.declares) this.unpriced.set(event.usage, event.index);
    }
    return { index: event.index, logged: event.logged, usage: event.usage, exact, begins: begins.map(({ fee }) => fee) };
  }

  /** @param {Event} event */
  take(event) {
    const known = this.runs.get(event.usage);
    if (known) this.doubts.push(...known.report(event));
    else this.runs.set(event.usage, new UsageRun(event)); // a report stands on its usage, so it never comes first
    return this.run(event.usage);
  }

  /** A usage, as far as its entries have said. @param {string} usage */
  run(usage) {
    return /** @type {UsageRun} */ (this.runs.get(usage));
  }

  /** Why the most that is due for a usage has no upper bound, as a reason code. @param {string} usage */
  open(usage) {
    const run = this.run(usage);
    if (this.readsTime && run.isSenseless) return "bad_terms";
    return !run.isReported && this.meant.some(({ scope }) => !scope || scope.mayMeet(run)) ? "not_reported" : null;
  }
}

/** The price of the units `before` + 1 to `after`; fewer are taken back at the price that the last ones had. @param {Fee} fee @param {bigint} before @param {bigint} after @returns {bigint} */
function priceOf(fee, before, after) {
  if (after < before) return -priceOf(fee, after, before);
  const above = fee.above ?? 0n, low = most(before, above), high = most(after, above), { tiers } = fee;
  if (!tiers) return (fee.bp || fee.amount || 0n) * (high - low);
  let total = 0n;
  tiers.forEach((tier, place) => {
    const next = tiers[place + 1], start = most(low, tier.from), end = next && next.from < high ? next.from : high;
    if (end > start) total += tier.amount * (end - start);
  });
  return total;
}

/** Whether it matters how many units came before, so that replaced consents' usages must be known. @param {readonly Fee[]} fees */
export function countsOverTheConsent(fees) {
  return fees.some((fee) => fee.per !== "flat" && (fee.above || fee.once || (fee.tiers && fee.tiers.length > 1)));
}

/** Whether it matters what cuts a use short. @param {readonly Fee[]} fees */
export function countsTime(fees) {
  return fees.some(({ per }) => FEE_UNITS.get(per)?.timed);
}

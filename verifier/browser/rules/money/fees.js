/** Fees: their scopes and dates, and what of them does not fit (M1; protocol, section 4.3). */

import { addMonths, DAY, MAX_INSTANT } from "../../base/instant.js";
import { CHANNELS, COUNTRIES } from "../../statements/vocabulary.js";
import { isWithin, territoryOf } from "../model/scope.js";
import { CannotTell } from "./reasons.js";
import { FEE_UNITS } from "./units.js";

/**
 * @typedef {import("../../statements/sections.js").Fee} Fee
 * @typedef {import("../../statements/sections.js").ConsentMoney} ConsentMoney
 * @typedef {{starts: bigint, ends: bigint}} Term
 */

/** Dates that a fee owed `every` so often may have. */
const MAX_DATES = 600;

/** When a flat fee arises. @param {Fee} fee */
export const owedOf = (fee) => fee.owed ?? "use";

/** The usages that a fee is charged for. */
export class FeeScope {
  /** @param {Fee} fee */
  constructor({ channels, countries, placements, purposes }) {
    this.channels = channels && new Set(channels);
    this.territory = countries && territoryOf(countries);
    this.placements = placements && new Set(placements);
    this.purposes = purposes && new Set(purposes);
  }

  /** Whether a usage meets all of it, as declared or as reported so far. @param {import("./units.js").UsageRun} run */
  meets(run) {
    const { territory } = this;
    return this.mayMeet(run) && (!this.channels || [...this.channels].some((one) => run.channels.has(one)))
      && (!territory || run.territories.some((one) => territory.meets(one)));
  }

  /** Whether a usage, of which any channel and country may still be reported, may meet it. @param {import("./units.js").UsageRun} run */
  mayMeet({ placement, purpose }) {
    /** @type {ReadonlySet<string | undefined> | undefined} */
    const placements = this.placements;
    /** @type {ReadonlySet<string> | undefined} */
    const purposes = this.purposes;
    return (!placements || placements.has(placement)) && (!purposes || purposes.has(purpose));
  }

  /** Whether the impressions of a report's line lie inside. @param {import("./units.js").ReportLine} line */
  holds({ channel, country }) {
    return (!this.channels || this.channels.has(channel)) && (!this.territory || (COUNTRIES.has(country) && this.territory.holds(country)));
  }
}

/** A fee's scope; null: every usage meets it. {@link CannotTell} where a code is not known. @param {Fee} fee */
export function scopeOfFee(fee) {
  const { channels, countries, placements, purposes } = fee;
  if ((countries && !territoryOf(countries)) || !isWithin(channels ?? [], CHANNELS)) throw new CannotTell("M1", "bad_terms");
  return channels || countries || placements || purposes ? new FeeScope(fee) : null;
}

/** @param {Fee} fee @param {Term} terms @returns {Iterable<bigint>} */
function* every({ first, days, months }, { starts }) {
  const from = first ?? starts;
  if (!days && !months) return;
  for (let number = 0; ; number++) {
    const date = months !== undefined ? addMonths(from, number * Number(months)) : from + BigInt(number) * (days ?? 0n) * DAY;
    if (date > MAX_INSTANT) return;
    yield date;
  }
}

/** The dates of a fee owed `every` so often, before the terms' end. @param {Fee} fee @param {Term} terms @returns {Iterable<bigint>} */
export function* datesOf(fee, terms) {
  for (const date of every(fee, terms)) {
    if (date >= terms.ends) return;
    yield date;
  }
}

/** The date that comes, or would come, after one of the dates: there its period ends. @param {Fee} fee @param {Term} terms @param {bigint} date */
export function dateAfter(fee, terms, date) {
  for (const one of every(fee, terms)) if (one > date) return one;
  return MAX_INSTANT + 1n;
}

/**
 * {@link CannotTell} `bad_terms` for members that do not fit one another, the act, or the terms.
 * @param {ConsentMoney} money @param {string} act @param {Term | null} terms null: they cannot be read
 */
export function checkMoney(money, act, terms) {
  const { fees } = money, periods = fees.filter(({ recoup }) => recoup === "period").length;
  const fit = fees.every(fits) && periods <= 1 && !(periods && fees.some(({ recoup }) => recoup === "all"))
    && (act === "use" || fitsCreation(money)) && (!terms || fees.every((fee) => fee.owed !== "every" || hasDates(fee, terms)));
  if (!fit) throw new CannotTell("M1", "bad_terms");
  for (const fee of fees) scopeOfFee(fee);
}

/** Whether a fee's members fit one another. @param {Fee} fee */
function fits(fee) {
  if (fee.per !== "flat") {
    const unit = FEE_UNITS.get(fee.per);
    if (!unit || (fee.per === "value" && (fee.above || fee.tiers || fee.amount !== undefined))) return false;
    const flat = [fee.owed, fee.at, fee.months, fee.days, fee.first, fee.due_days, fee.recoup];
    return (!fee.once || !!unit.shared) && flat.every((one) => one === undefined) && !fee.rata;
  }
  const owed = owedOf(fee);
  return !fee.above && fee.tiers === undefined && !fee.once && (owed === "use" || scopeOfFee(fee) === null)
    && (fee.at !== undefined) === (owed === "on")
    && Number(fee.months !== undefined) + Number(fee.days !== undefined) === Number(owed === "every")
    && (fee.first === undefined || owed === "every") && (!fee.rata || owed === "signed")
    && (fee.recoup === undefined || (fee.recoup === "all" ? owed !== "use" : owed === "every"));
}

/** What a consent to create may say of money. @param {ConsentMoney} money */
function fitsCreation(money) {
  return !money.break && money.splits.every(({ via }) => via === undefined) && money.fees.every((fee) => fee.per === "flat"
    && (fee.owed === "on" || fee.owed === "signed") && fee.recoup === undefined && !fee.rata && fee.for === undefined);
}

/** Whether it has a date before the terms' end, and not too many. @param {Fee} fee @param {Term} terms */
function hasDates(fee, terms) {
  let number = 0;
  for (const _ of datesOf(fee, terms)) if (++number > MAX_DATES) return false;
  return number > 0;
}

/** What fees count: uses, images, days, months and impressions, of one usage and over a consent (M1, A10, T5). */

import { addMonths, civilFromDays, DAY, floorDivide } from "../../base/instant.js";
import { IntervalSet } from "../model/intervals.js";
import { least, most } from "../model/results.js";
import { Territory, territoryOfKnown } from "../model/scope.js";
import { reason } from "./reasons.js";
import { LONGEST_USE } from "../use/case.js";

/**
 * @typedef {import("../../statements/sections.js").ReportTerms["lines"][number]} ReportLine
 * @typedef {import("../standing/stops.js").Stop & {sellOff: bigint}} UseStop
 */
/**
 * A usage or report as fees see it. `own` is false where it is under a consent that this one replaced. Of a usage: its
 * window, the days that it claims, the stops of its consent, and what a fee's scope asks of it. Of a report: `ends` and
 * its lines. `images` are the usage's total so far, `impressions` and `earned` those reported so far.
 * @typedef {{index: number, logged: bigint, usage: string, declares: boolean, own: boolean, images: bigint, impressions: bigint,
 *   starts: bigint, ends: bigint | undefined, days: bigint, stops: readonly UseStop[], earned: bigint, lines: readonly ReportLine[],
 *   channels: readonly string[], countries: Territory | null, placement: string | undefined, purpose: string}} Event
 */

/** The index of what may stand anywhere in the log. */
export const ANYWHERE = -1;

/** @param {UseStop} stop */
const isSure = ({ judgement }) => judgement.standing === "good";

/** Whether it takes time from a use that runs to `end` and was declared to run to `declared` (A6). @param {UseStop} stop @param {bigint} declared @param {bigint} end */
function bites(stop, declared, end) {
  const sold = stop.start + stop.sellOff < declared ? stop.start + stop.sellOff : declared;
  return most(stop.start, sold) < least(end, stop.end);
}

/** @param {bigint} instant */
const dayOf = (instant) => Number(floorDivide(instant, DAY));

/** Months from 1970. @param {bigint} instant */
function monthOf(instant) {
  const [year, month] = civilFromDays(dayOf(instant));
  return (year - 1970) * 12 + month - 1;
}

/** One usage, as far as its entries have said. */
export class UsageRun {
  /** @param {Event} event its declaration */
  constructor(event) {
    const ends = event.ends ?? event.starts;
    this.starts = event.starts;
    this.declared = ends;
    /** What fees by time run to. */
    this.ends = ends;
    /** Where the use ends by its last word (A10). */
    this.closes = least(ends, this.starts + LONGEST_USE);
    /** The index of the declaration, or of the last report that moved `ends` back. */
    this.since = event.index;
    this.claimedDays = event.days;
    this.stops = event.stops;
    this.images = event.images;
    this.impressions = 0n;
    /** When the last report was logged. */
    this.heard = -1n;
    this.logged = event.logged;
    this.value = 0n;
    /** @type {readonly ReportLine[]} */
    this.lines = [];
    this.channels = new Set(event.channels);
    this.territories = event.countries ? [event.countries] : [];
    this.placement = event.placement;
    this.purpose = event.purpose;
  }

  /** Its window contradicts itself, or is longer than any use: it counts as no time at all. */
  get isSenseless() {
    return !(this.starts < this.declared && this.declared <= this.starts + LONGEST_USE);
  }

  /** Whether a report was logged at or after the use's end. */
  get isReported() {
    return this.heard >= this.closes;
  }

  /** Take a report's totals; a lower one is ignored (A11). Returns why it cannot be told to when its time is charged. @param {Event} event */
  report(event) {
    this.images = most(this.images, event.images);
    this.impressions = most(this.impressions, event.impressions);
    this.value = most(this.value, event.earned);
    this.heard = event.logged;
    this.wasSeen(event.lines);
    if (event.ends === undefined) return [];
    const ends = least(event.ends, this.starts + LONGEST_USE);
    this.closes = most(ends, this.starts);
    return this.isSenseless ? [] : this.end(ends, event.index);
  }

  /** A channel with no impressions was not used (A8). @param {readonly ReportLine[]} lines */
  wasSeen(lines) {
    this.lines = lines;
    const used = lines.filter(({ impressions }) => impressions > 0n);
    if (!used.length) return;
    for (const { channel } of used) this.channels.add(channel);
    const seen = territoryOfKnown(used.map(({ country }) => country));
    if (seen && !this.territories.some((one) => one.equals(seen))) this.territories.push(seen);
  }

  /** The charged time's end after a report, by the stops that are certain. @param {bigint} said @param {number} index */
  end(said, index) {
    const found = this.stops.filter((stop) => (stop.index === ANYWHERE || (this.since < stop.index && stop.index < index))
      && bites(stop, this.declared, this.ends));
    const certain = found.filter(isSure).map(({ start }) => start).sort((a, b) => (a < b ? -1 : 1))[0];
    const after = most(certain ?? this.ends, said);
    const doubts = found.filter((stop) => !isSure(stop) && most(stop.start, said) < after)
      .map((stop) => reason("M1", stop.judgement.code, stop.judgement.rule === "M1" ? stop.judgement.entries : [stop.index]));
    if (after < this.ends) {
      this.since = index;
      this.claimedDays = 0n;
    }
    this.ends = after;
    return doubts;
  }

  /** Days begun, or claimed if those are more. */
  get days() {
    return this.isSenseless ? most(this.claimedDays, 0n) : most(-floorDivide(this.starts - this.ends, DAY), this.claimedDays, 0n);
  }

  /** Months begun: the least n with the start n months later not before the end. */
  get months() {
    if (this.isSenseless || this.ends <= this.starts) return 0n;
    const [year, month] = civilFromDays(dayOf(this.starts)), [lastYear, lastMonth] = civilFromDays(dayOf(this.ends));
    const count = (lastYear - year) * 12 + lastMonth - month;
    return BigInt(addMonths(this.starts, count) >= this.ends ? count : count + 1);
  }

  get runs() {
    return this.ends > this.starts && !this.isSenseless;
  }

  /** The days that it touches, [first, after the last), in UTC. @returns {[number, number]} */
  get calendarDays() {
    return this.runs ? [dayOf(this.starts), dayOf(this.ends - 1n) + 1] : [0, 0];
  }

  /** The months that it touches. @returns {[number, number]} */
  get calendarMonths() {
    return this.runs ? [monthOf(this.starts), monthOf(this.ends - 1n) + 1] : [0, 0];
  }
}

/** What a fee may be charged by, but for `flat`. `shared`: the places on a calendar, and the units claimed beyond them, of fees with `once`. `per` units have the price. @typedef {{measure: (run: UsageRun) => bigint, shared?: {touched: (run: UsageRun) => [number, number], claimed: (run: UsageRun) => bigint}, timed?: true, per: bigint}} Unit */

/** @type {ReadonlyMap<string, Unit>} */
export const FEE_UNITS = new Map(Object.entries({
  use: { measure: () => 1n, per: 1n },
  image: { measure: (run) => run.images, per: 1n },
  day: { measure: (run) => run.days, shared: { touched: (run) => run.calendarDays, claimed: (run) => run.claimedDays }, timed: true, per: 1n },
  month: { measure: (run) => run.months, shared: { touched: (run) => run.calendarMonths, claimed: () => 0n }, timed: true, per: 1n },
  mille: { measure: (run) => run.impressions, per: 1000n },
  value: { measure: (run) => run.value, per: 10_000n },
}));

/** Each usage's units, added up. */
class UnitSum {
  /** @param {Unit["measure"]} measure */
  constructor(measure) {
    this.measure = measure;
    this.total = 0n;
    /** @type {Map<string, bigint>} */
    this.of = new Map();
  }

  /** Take what an entry has changed of a usage. @param {string} usage @param {UsageRun} run */
  count(usage, run) {
    const units = this.measure(run);
    this.total += units - (this.of.get(usage) ?? 0n);
    this.of.set(usage, units);
  }
}

/** Days or months that at least one usage touches; and what each usage claims beyond those of its own window. */
class Once {
  /** @param {NonNullable<Unit["shared"]>} shared */
  constructor({ touched, claimed }) {
    this.touched = touched;
    this.claimed = claimed;
    this.covered = new IntervalSet();
    this.beyond = 0n;
    /** @type {Map<string, [number, number, bigint]>} */
    this.of = new Map();
  }

  get total() {
    return BigInt(this.covered.places) + this.beyond;
  }

  /** @param {string} usage @param {UsageRun} run */
  count(usage, run) {
    const [start, end] = this.touched(run), [from, to, before] = this.of.get(usage) ?? [0, 0, 0n], { places } = this.covered;
    if (start !== from || end !== to) {
      this.covered.add(start, end);
      this.covered.add(from, to, -1);
    }
    const claimed = this.claimed(run);
    let beyond = 0n;
    if (claimed) { // a longer window takes in what was claimed beyond it
      const grown = BigInt(Math.max(0, this.covered.places - places));
      beyond = most(0n, claimed - BigInt(end - start), before - grown);
    }
    this.beyond += beyond - before;
    this.of.set(usage, [start, end, beyond]);
  }
}

/** @param {Unit} unit @param {boolean} once @returns {UnitSum | Once} */
export function counterOf({ measure, shared }, once) {
  return once && shared ? new Once(shared) : new UnitSum(measure);
}

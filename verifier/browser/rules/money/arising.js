/**
 * When the lines of a consent arise, and what keeps one from arising (M1). Where a stop is doubtful there are two readings
 * of what is due: in the *least* it stops, in the *most* it does not.
 */

import { DAY, floorDivide } from "../../base/instant.js";
import { Unread } from "../model/context.js";
import { FOREVER, least, most } from "../model/results.js";
import { exercisesOf, stopsOf } from "../standing/stops.js";
import { dateAfter, datesOf, owedOf } from "./fees.js";
import { CannotTell, reason } from "./reasons.js";
import { SCALE } from "./schedule.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/record.js").Entry} Entry
 * @typedef {import("../model/record.js").Entry<"consent">} ConsentEntry
 * @typedef {import("../standing/stops.js").Stops} Stops
 * @typedef {import("./fees.js").Fee} Fee
 * @typedef {import("./reasons.js").Reason} Reason
 * @typedef {import("../../statements/sections.js").UseTerms | import("../../statements/sections.js").CreateTerms | Unread} Terms
 */
/**
 * What a flat fee adds at one instant, exact. `claimAt`: when the claim arose that it belongs to. `least`, `most`: in
 * which readings it counts. `period`: the number of its date, of a fee with `recoup: period`, else -1.
 * @typedef {{at: bigint, claimAt: bigint, index: number, fee: Fee, exact: bigint, least: boolean, most: boolean, period: number}} FlatLine
 */
/** No date in [start, end) makes a line; for certain or not. @typedef {{start: bigint, end: bigint, sure: boolean}} Halt */
/** @typedef {{at: bigint, sure: boolean, index: number}} Ending */

const isGood = (/** @type {Judgement} */ { standing }) => standing === "good";

/** Whether a date makes a line in the least, and in the most. @param {readonly Halt[]} halts @param {bigint} date */
function counted(halts, date) {
  const met = halts.filter(({ start, end }) => start <= date && date < end);
  return { least: !met.length, most: !met.some(({ sure }) => sure) };
}

/** Days begun, at least one for a term that makes no sense. @param {bigint} start @param {bigint} end */
function daysOf(start, end) {
  return end > start ? most(-floorDivide(start - end, DAY), 1n) : end === start ? 0n : 1n;
}

/** The lines of a consent that no usage makes, in the order in which they arise, and what they rest on. */
export class Arising {
  /** @param {Context} context @param {ConsentEntry} consent @param {import("./fees.js").ConsentMoney} money */
  constructor(context, consent, money) {
    this.context = context;
    this.consent = consent;
    this.money = money;
    this.terms = /** @type {Terms} */ (context.section(consent, "terms"));
    /** How much of `exact` is one minor unit. */
    this.scale = SCALE;
    /** The dates of the fee with `recoup: period`, and where the last one's ends. @type {bigint[]} */
    this.periods = [];
    /** Why the least and the most may differ. @type {Reason[]} */
    this.doubts = [];
    /** Why there may be lines of which nothing can be told. @type {Reason[]} */
    this.hidden = [];
    this.released = this.releases();
    /** @type {FlatLine[]} */
    this.lines = [];
    this.find();
  }

  /** Whether a fee that arises at an instant does, for all that was released, in the least, and in the most. @param {Fee} fee @param {bigint} at */
  counts(fee, at) {
    return counted(fee.for ? this.released : [], at);
  }

  find() {
    const { terms } = this, flat = this.money.fees.filter((fee) => fee.per === "flat" && owedOf(fee) !== "use");
    if (!flat.length) {
      this.begins();
      return;
    }
    if (flat.some(({ rata }) => rata) && !(terms instanceof Unread)) this.scale = SCALE * most(1n, daysOf(terms.starts, terms.ends));
    const stops = this.stops(), { begun, sure } = this.begins();
    for (const fee of flat) {
      const exact = this.scale * (fee.amount ?? 0n), owed = owedOf(fee);
      if (owed === "break") this.broken(fee, exact, stops);
      else if (begun && owed === "signed") {
        const counts = this.counts(fee, begun.logged);
        if (!counts.most) continue;
        const least = sure && counts.least;
        const line = { at: begun.logged, claimAt: begun.logged, index: begun.index, fee, exact, least, most: true, period: -1 };
        this.lines.push(line);
        this.falls(line, stops);
      } else if (begun) this.dated(fee, exact, begun, sure, stops);
    }
    this.lines.sort((a, b) => (a.at === b.at ? (a.claimAt < b.claimAt ? -1 : a.claimAt > b.claimAt ? 1 : 0) : a.at < b.at ? -1 : 1));
  }

  /** The entry with which `signed` and dated lines may arise, the consent's or an option's exercise. @returns {{begun: Entry | null, sure: boolean}} */
  begins() {
    if (this.consent.statement.exercise_by === undefined) return { begun: this.consent, sure: true };
    const taken = exercisesOf(this.context, this.consent);
    if (!taken) {
      this.hidden.push(reason("M1", "list_missing"));
      return { begun: null, sure: false };
    }
    const good = taken.find(([, judgement]) => isGood(judgement)), first = taken[0];
    if (good || !first) return { begun: good?.[0] ?? null, sure: true };
    this.doubt(first[1], first[0].index);
    return { begun: first[0], sure: false };
  }

  /** What stops the consent itself; hidden terms hide no more than from when on. @returns {Stops} */
  stops() {
    const stops = stopsOf(this.context, this.consent, this.terms, false);
    if (stops.missing === this.terms) stops.missing = null;
    return stops;
  }

  /** @param {Unread} section */
  hide({ code, entries }) {
    this.hidden.push(reason("M1", code, entries.length ? entries : [this.consent.index]));
  }

  /** One line a date, but where a stop holds at it; the later of its date and when it could begin. @param {Fee} fee @param {bigint} exact @param {Entry} begun @param {boolean} sure @param {Stops} stops */
  dated(fee, exact, { index, logged }, sure, stops) {
    const { terms } = this;
    /** @type {bigint[]} */
    let dates = [];
    if (fee.owed === "on") dates = fee.at === undefined ? [] : [fee.at];
    else if (terms instanceof Unread) this.hide(terms);
    else dates = [...datesOf(fee, terms)];
    const last = dates.at(-1);
    if (fee.recoup === "period" && last !== undefined && !(terms instanceof Unread)) this.periods = [...dates, dateAfter(fee, terms, last)];
    const halts = [...this.halts(stops), ...(fee.for ? this.released : [])];
    dates.forEach((date, place) => {
      const counts = counted(halts, date);
      if (!counts.most) return;
      const at = most(date, logged), period = fee.recoup === "period" ? place : -1;
      this.lines.push({ at, claimAt: at, index, fee, exact, least: counts.least && sure, most: true, period });
    });
  }

  /** Where dates make no line: a union's suspension and the licensee's own revocation, without `break`, halt nothing. @param {Stops} stops @returns {Halt[]} */
  halts(stops) {
    /** @type {Halt[]} */
    const found = [], notice = this.money.break?.notice;
    for (const { judgement, index, byLicensee, start, logged } of stops.revocations) {
      this.doubt(judgement, index);
      if (!byLicensee) found.push({ start, end: FOREVER, sure: isGood(judgement) });
      else if (notice !== undefined) found.push({ start: logged + notice, end: FOREVER, sure: isGood(judgement) });
    }
    for (const { judgement, index, waits, start, end } of stops.suspensions) {
      if (!waits) continue;
      this.doubt(judgement, index);
      found.push({ start, end, sure: isGood(judgement) });
    }
    for (const [{ index, logged }, judgement] of stops.replacedBy) {
      this.doubt(judgement, index);
      found.push({ start: logged, end: FOREVER, sure: isGood(judgement) });
    }
    if (stops.missing) {
      this.doubts.push(reason("M1", stops.missing.code, stops.missing.entries));
      found.push({ start: -FOREVER, end: FOREVER, sure: false });
    }
    return found;
  }

  /** What falls away of a `signed` line at the first stop, but the licensee's own: the share of the days that did not run. @param {FlatLine} line @param {Stops} stops */
  falls(line, stops) {
    const { terms } = this;
    if (!line.fee.rata) return;
    /** @type {Ending[]} */
    const found = stops.revocations.filter(({ byLicensee }) => !byLicensee)
      .map(({ start, judgement, index }) => ({ at: start, sure: isGood(judgement), index }));
    for (const [{ logged, index }, judgement] of stops.replacedBy) found.push({ at: logged, sure: isGood(judgement), index });
    if (stops.missing) {
      found.push({ at: line.at, sure: false, index: -1 });
      this.doubts.push(reason("M1", stops.missing.code, stops.missing.entries));
    }
    if (!found.length) return;
    if (terms instanceof Unread) {
      this.hide(terms);
      return;
    }
    // Without days to share nothing can be told of what comes with it or after.
    if (terms.starts >= terms.ends) throw new CannotTell("M1", "bad_terms", [this.consent.index]);
    for (const { judgement, index } of stops.revocations) this.doubt(judgement, index);
    found.sort((a, b) => (a.at === b.at ? Number(a.sure) - Number(b.sure) || a.index - b.index : a.at < b.at ? -1 : 1));
    const first = found[0], certain = found.find(({ sure }) => sure), whole = daysOf(terms.starts, terms.ends);
    for (const one of new Set([first, certain])) {
      if (!one) continue;
      const until = most(one.at, terms.starts), run = daysOf(terms.starts, least(until, terms.ends));
      const gone = floorDivide(line.exact, whole) * (whole - run);
      if (!gone) continue;
      this.lines.push({
        at: most(one.at, line.at), claimAt: line.claimAt, index: one.index >= 0 ? one.index : line.index, fee: line.fee, exact: -gone,
        least: line.least && one === first, most: one === certain, period: -1,
      });
    }
  }

  /** The kill fee: with the first good revocation by the licensee alone. @param {Fee} fee @param {bigint} exact @param {Stops} stops */
  broken(fee, exact, stops) {
    const own = stops.revocations.filter(({ byLicensee }) => byLicensee).sort((a, b) => a.index - b.index);
    const stop = own.find(({ judgement }) => isGood(judgement)) ?? own[0];
    if (!stop) return;
    this.doubt(stop.judgement, stop.index);
    const counts = this.counts(fee, stop.logged);
    if (!counts.most) return;
    const least = isGood(stop.judgement) && counts.least;
    this.lines.push({ at: stop.logged, claimAt: stop.logged, index: stop.index, fee, exact, least, most: true, period: -1 });
  }

  /** From when on fees for the exclusivity arise no more (T7). @returns {Halt[]} */
  releases() {
    const { context, consent } = this;
    if (!("exclusive" in (consent.statement.sections ?? {})) || !this.money.fees.some((fee) => fee.for)) return [];
    const section = /** @type {import("../../statements/sections.js").Exclusive | Unread} */ (context.section(consent, "exclusive"));
    if (section instanceof Unread) {
      const listed = context.listed(`consent:${consent.statement.id}`, "revocation");
      if (listed?.every(([{ statement }]) => statement.part === undefined)) return [];
      this.doubts.push(reason("M1", section.code, section.entries.length ? section.entries : [consent.index]));
      return [{ start: -FOREVER, end: FOREVER, sure: false }];
    }
    return stopsOf(context, consent, section, false).releases.map(({ judgement, index, start }) => {
      this.doubt(judgement, index);
      return { start, end: FOREVER, sure: isGood(judgement) };
    });
  }

  /** @param {Judgement} judgement @param {number} index */
  doubt({ standing, code, entries }, index) {
    if (standing !== "good") this.doubts.push(reason("M1", code, entries.length ? entries : index >= 0 ? [index] : []));
  }
}

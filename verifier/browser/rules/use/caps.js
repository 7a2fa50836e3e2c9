/**
 * A11: caps on uses, images, impressions and days, kept entry by entry over all good usages and reports in log order.
 *
 * Two tallies run side by side: the *least* that the disclosed, good entries add up to, and the *most* that may be behind
 * what is doubtful or undisclosed. The true crossing of a cap lies between theirs.
 */

import { DAY } from "../../base/instant.js";
import { holds, Unread } from "../model/context.js";
import { IntervalSet } from "../model/intervals.js";
import { always } from "../model/results.js";
import { LONGEST_USE } from "./case.js";
import { replacedIds } from "./term.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("./case.js").UsageCase} UsageCase
 * @typedef {import("./case.js").ConsentEntry} ConsentEntry
 * @typedef {import("./case.js").UsageTerms} UsageTerms
 * @typedef {import("./case.js").ReportTerms} ReportTerms
 * @typedef {"days" | "images" | "impressions" | "uses"} Unit
 * @typedef {{start: number, end: number}} Days [start, end), counted from 1970
 * @typedef {{index: number, usage: string, least: bigint, most: bigint, open: string | null}} Step what one entry adds; `open` says why it may be any amount
 * @typedef {{index: number, id: string, use: UsageTerms | Unread, images: bigint, impressions: bigint, days: Days, extraDays: bigint,
 *   ended: bigint | null, lastReport: bigint | null}} Units one usage's, as they grow with its reports
 * @typedef {{steps: Record<Unit, Step[]>, usages: Map<string, Units>}} Count
 */

/** @type {readonly Unit[]} */
export const UNITS = ["days", "images", "impressions", "uses"];
const NEVER = Infinity;

/** @param {UsageCase} usageCase */
export function judgeCaps(usageCase) {
  const terms = usageCase.allowed, caps = terms.caps ?? {}, overage = terms.overage ?? [];
  if (overage.some((name) => caps[name] === undefined)) return [always("UNKNOWN", "bad_terms", usageCase.consent.index)];
  const limited = UNITS.filter((name) => caps[name] !== undefined && !overage.includes(name));
  if (!limited.length) return [always("NOT_APPLICABLE", "not_applicable")];
  const count = countOf(usageCase.context, usageCase.consent);
  if (!count) return [always("UNKNOWN", "list_missing")];
  return limited.map((name) => judge(usageCase, count, name, caps[name] ?? 0n));
}

/** The units under a consent, the usages of the consents that it replaced included; null: a list is not shown. @param {Context} context @param {ConsentEntry} consent @returns {Count | null} */
function countOf(context, consent) {
  return context.recall(`count ${consent.statement.id}`, () => {
    const lists = replacedIds(context, consent).map((id) => `uses:${id}`);
    return lists.some((list) => !context.record.rows(list)) ? null : new Counter(context, lists).count;
  });
}

/** The last second that a use is said to run to. @param {UsageTerms} use @param {bigint} said */
function endOf(use, said) {
  const longest = use.starts + LONGEST_USE;
  return said < longest ? said : longest;
}

/** The days (UTC) that [start, end) touches. @param {bigint} start @param {bigint} end @returns {Days} */
function daysBegun(start, end) {
  return start < end ? { start: Number(start / DAY), end: Number((end - 1n) / DAY) + 1 } : { start: 0, end: 0 };
}

/** @param {bigint} a @param {bigint} b */
const larger = (a, b) => (a > b ? a : b);

class Counter {
  /** @param {Context} context @param {readonly string[]} lists */
  constructor(context, lists) {
    this.context = context;
    /** @type {Count} */
    this.count = { steps: { days: [], images: [], impressions: [], uses: [] }, usages: new Map() };
    this.daysRun = new IntervalSet();
    for (const [entry, { standing, code }] of context.listedTogether(lists, "usage", "report")) {
      const doubt = standing === "doubtful" ? code : null;
      if (holds(entry, "usage")) this.takeUsage(entry, doubt);
      else if (holds(entry, "report")) {
        const mine = this.count.usages.get(entry.statement.usage);
        if (mine) this.takeReport(entry, doubt, mine);
      }
    }
  }

  /** A doubtful entry adds nothing for certain, but may add all that it says. @param {Unit} name @param {number} index @param {string} usage @param {bigint} count @param {string | null} doubt @param {string | null} open */
  add(name, index, usage, count, doubt, open) {
    this.count.steps[name].push({ index, usage, least: doubt ? 0n : count, most: count, open });
  }

  /** @param {import("./case.js").UsageEntry} entry @param {string | null} doubt */
  takeUsage(entry, doubt) {
    const { index, statement: { id, assets } } = entry;
    const use = /** @type {UsageTerms | Unread} */ (this.context.section(entry, "terms"));
    /** @type {Units} */
    const mine = {
      index, id, use, images: BigInt(assets.length), impressions: 0n, days: { start: 0, end: 0 }, extraDays: 0n, ended: null, lastReport: null,
    };
    this.count.usages.set(id, mine);
    const hidden = use instanceof Unread ? use.code : null;
    if (!(use instanceof Unread)) {
      mine.images = larger(mine.images, use.units?.images ?? 0n);
      mine.impressions = use.units?.impressions ?? 0n;
      mine.days = daysBegun(use.starts, endOf(use, use.ends));
      mine.extraDays = larger(0n, (use.units?.days ?? 0n) - BigInt(mine.days.end - mine.days.start));
      mine.ended = endOf(use, use.ends);
    }
    const fresh = BigInt(this.daysRun.missing(mine.days.start, mine.days.end)) + mine.extraDays;
    this.add("uses", index, id, 1n, doubt, null);
    this.add("images", index, id, mine.images, doubt, hidden);
    this.add("impressions", index, id, mine.impressions, doubt, hidden);
    this.add("days", index, id, fresh, doubt, hidden);
    if (!doubt) this.daysRun.add(mine.days.start, mine.days.end);
  }

  /** A report's total replaces the usage's; a lower one is ignored. @param {import("./case.js").ReportEntry} entry @param {string | null} doubt @param {Units} mine */
  takeReport(entry, doubt, mine) {
    const section = this.context.section(entry, "terms"), { use } = mine;
    if (section instanceof Unread) {
      for (const name of /** @type {Unit[]} */ (["days", "images", "impressions"])) this.add(name, entry.index, mine.id, 0n, doubt, section.code);
      return;
    }
    const report = /** @type {ReportTerms} */ (section);
    const images = larger(report.images ?? 0n, mine.images);
    const impressions = larger(report.lines.reduce((sum, line) => sum + line.impressions, 0n), mine.impressions);
    let { days } = mine;
    if (report.ends !== undefined && !(use instanceof Unread)) {
      const said = daysBegun(use.starts, endOf(use, report.ends));
      if (said.end - said.start > days.end - days.start) days = said;
    }
    const fresh = BigInt(this.daysRun.missing(days.start, days.end));
    const extraDays = larger(0n, mine.extraDays - fresh); // a longer window takes in what was claimed beyond it
    /** @type {[Unit, bigint][]} */
    const grown = [
      ["images", images - mine.images], ["impressions", impressions - mine.impressions], ["days", fresh + extraDays - mine.extraDays],
    ];
    for (const [name, count] of grown) if (count > 0n) this.add(name, entry.index, mine.id, count, doubt, null);
    if (doubt) return;
    Object.assign(mine, { images, impressions, days, extraDays, lastReport: entry.logged });
    this.daysRun.add(days.start, days.end);
    if (report.ends !== undefined) mine.ended = use instanceof Unread ? report.ends : endOf(use, report.ends);
  }
}

/** A use that has ended with no report since may have had any number of impressions. @param {Count} count @param {bigint} instant @returns {Step[]} */
function silentOnes(count, instant) {
  return [...count.usages.values()]
    .filter(({ ended, lastReport }) => ended !== null && ended <= instant && (lastReport === null || lastReport < ended))
    .map(({ index, id, impressions }) => ({ index, usage: id, least: 0n, most: impressions, open: "not_reported" }))
    .sort((a, b) => a.index - b.index);
}

/** @param {UsageCase} usageCase @param {Count} count @param {Unit} name @param {bigint} cap */
function judge(usageCase, count, name, cap) {
  const steps = count.steps[name];
  let early = null, late = null, least = 0n, most = 0n;
  for (const step of steps) {
    least += step.least;
    most += step.most;
    if (!early && (most > cap || step.open)) early = step;
    if (!late && least > cap) late = step;
  }
  const silent = name === "impressions" ? silentOnes(count, usageCase.context.instant) : [];
  const first = silent[0];
  if (first) {
    if (!early || first.index < early.index) early = first;
    else if (first.index === early.index) early = { ...early, open: early.open ?? "not_reported" };
  }
  const me = usageCase.statement.id, { index } = usageCase.usage, last = late?.index ?? NEVER;
  if (late && index > last) return always("FAIL", "cap_exceeded", late.index, index);
  if (!early) return always("PASS", "ok", index);
  if (late && early.index === late.index) {
    return early.usage === me ? always("FAIL", "cap_exceeded", early.index, index) : always("PASS", "ok", index);
  }
  const from = early.index; // any of these may be the one that crossed
  const between = [early, ...[...silent, ...steps].filter((step) => (step.most || step.open) && step.index >= from && step.index <= last)];
  const fails = between.map((step) => step.usage === me || index > step.index);
  if (late && fails.every(Boolean)) return always("FAIL", "cap_exceeded", late.index, index);
  if (fails.some(Boolean)) return always("UNKNOWN", early.open ?? "list_missing", early.index, index);
  return always("PASS", "ok", index);
}

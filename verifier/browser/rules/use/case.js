/** One declared use, or one consent, opened for judging: its terms, its reports, and the window that it runs in. */

import { DAY } from "../../base/instant.js";
import { Unread } from "../model/context.js";
import { CannotJudge, least, most, unread } from "../model/results.js";
import { stopsOf } from "../standing/stops.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/record.js").Entry<"usage">} UsageEntry
 * @typedef {import("../model/record.js").Entry<"consent">} ConsentEntry
 * @typedef {import("../model/record.js").Entry<"report">} ReportEntry
 * @typedef {import("../../statements/sections.js").UseTerms} UseTerms
 * @typedef {import("../../statements/sections.js").CreateTerms} CreateTerms
 * @typedef {import("../../statements/sections.js").UsageTerms} UsageTerms
 * @typedef {import("../../statements/sections.js").ReportTerms} ReportTerms
 * @typedef {import("../standing/stops.js").Stops} Stops
 */

/** A use runs at most so long, whatever is said (A10). */
export const LONGEST_USE = 366n * DAY;

export class UsageCase {
  /**
   * @param {Context} context
   * @param {UsageEntry} usage
   * @param {ConsentEntry} consent
   * @param {readonly string[]} files digests that the reader compared
   */
  constructor(context, usage, consent, files) {
    this.context = context;
    this.usage = usage;
    this.consent = consent;
    this.files = files;
    this.standing = context.standing(usage);
    this.terms = /** @type {UseTerms | Unread} */ (context.section(consent, "terms"));
    this.use = /** @type {UsageTerms | Unread} */ (context.section(usage, "terms"));
    /** @type {[ReportEntry, ReportTerms][]} */
    this.reports = [];
    /** Why something about the reports cannot be told. @type {{code: string, entries: readonly number[]} | null} */
    this.doubt = null;
    /** @type {{start: bigint, end: bigint} | null} */
    this.window = null;
    this.windowCode = "ok";
    /** Where an end that was reported late may or may not have been true. @type {{start: bigint, end: bigint, index: number} | null} */
    this.unsure = null;
    this.readReports();
    this.setWindow();
  }

  get statement() {
    return this.usage.statement;
  }

  /** The consent's terms; {@link CannotJudge} where they cannot be read. */
  get allowed() {
    if (this.terms instanceof Unread) throw new CannotJudge(unread(this.terms, this.consent));
    return this.terms;
  }

  /** The usage's terms; {@link CannotJudge} where they cannot be read. */
  get useTerms() {
    if (this.use instanceof Unread) throw new CannotJudge(unread(this.use, this.usage));
    return this.use;
  }

  /** All that stops the consent, the same for every use under it. @returns {Stops} */
  get stops() {
    return this.context.recall(`stops ${this.consent.index}`, () => stopsOf(this.context, this.consent, this.terms, true));
  }

  readReports() {
    const listed = this.context.listed(`usage:${this.statement.consent}.${this.statement.id}`, "report");
    if (!listed) this.doubt = { code: "list_missing", entries: [] };
    for (const [report, { standing, code }] of listed ?? []) {
      const section = this.context.section(report, "terms");
      if (standing !== "good") this.doubt = { code, entries: [report.index] };
      else if (section instanceof Unread) {
        this.doubt = { code: section.code, entries: section.entries.length ? section.entries : [report.index] };
      } else this.reports.push([report, /** @type {ReportTerms} */ (section)]);
    }
  }

  setWindow() {
    const use = this.use;
    if (use instanceof Unread) {
      this.windowCode = use.code;
      return;
    }
    const longest = use.starts + LONGEST_USE;
    if (use.starts >= use.ends || use.ends > longest) {
      this.windowCode = "bad_terms";
      return;
    }
    let end = use.ends;
    const last = this.reports.filter(([, { ends }]) => ends !== undefined).at(-1);
    if (last) {
      const [report, { ends = 0n }] = last, said = least(ends, longest);
      const late = this.terms instanceof Unread ? 0n : this.terms.late_window ?? 0n;
      if (said >= end || report.logged <= said + late) end = most(said, use.starts);
      else { // reported late: it has stopped by now, but from when on cannot be told
        end = least(end, most(report.logged, use.starts));
        this.unsure = { start: said, end: report.logged, index: report.index };
      }
    }
    this.window = { start: use.starts, end };
  }

  /** When it may run at most: its window, or as long as any use while a report may have moved the end (A10). */
  get reach() {
    return this.window && this.doubt ? { start: this.window.start, end: this.window.start + LONGEST_USE } : this.window;
  }
}

export class ConsentCase {
  /** @param {Context} context @param {ConsentEntry} consent */
  constructor(context, consent) {
    this.context = context;
    this.consent = consent;
    this.standing = context.standing(consent);
    this.terms = /** @type {UseTerms | CreateTerms | Unread} */ (context.section(consent, "terms"));
    this.stops = stopsOf(context, consent, this.terms, true);
    /** The terms whose notice a stop waits for: a creation has none. */
    this.notice = consent.statement.act === "create" ? null : this.terms;
  }
}

/** @param {UseTerms | CreateTerms} terms @returns {terms is UseTerms} */
export function isUse(terms) {
  return "rights" in terms;
}

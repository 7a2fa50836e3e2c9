/**
 * The contract, opened at one record and one instant: what every rule asks its questions of.
 *
 * It adds to a record the *standing* of an entry (good, void or doubtful) and the sections that can be read. What is
 * worked out once is kept.
 */

import { finalStanding } from "../standing/rulings.js";
import { baseStanding } from "../standing/standing.js";

/**
 * @typedef {import("./record.js").Entry} Entry
 * @typedef {import("./record.js").ShownRecord} ShownRecord
 * @typedef {import("../../statements/types.js").StatementType} StatementType
 * @typedef {import("../../statements/types.js").SectionName} SectionName
 * @typedef {"good" | "void" | "doubtful"} Standing
 * @typedef {{standing: Standing, rule: string, code: string, entries: readonly number[]}} Judgement
 */
/**
 * @template {StatementType} T
 * @typedef {import("./record.js").Entry<T>} EntryOf
 */

/** @type {Judgement} */
export const GOOD = Object.freeze({ standing: "good", rule: "A0", code: "ok", entries: [] });
/** @type {Judgement} */
export const LIST_MISSING = Object.freeze({ standing: "doubtful", rule: "A0", code: "list_missing", entries: [] });

/** @param {string} rule @param {string} code @param {...number} entries @returns {Judgement} an entry without effect */
export function voided(rule, code, ...entries) {
  return { standing: "void", rule, code, entries };
}

/** @param {string} rule @param {string} code @param {...number} entries @returns {Judgement} an effect that cannot be told */
export function doubtful(rule, code, ...entries) {
  return { standing: "doubtful", rule, code, entries };
}

/** A section that this reader cannot read, and why: `not_disclosed`, `erased` (with the erasure's index), ... */
export class Unread {
  /** @param {string} code @param {...number} entries */
  constructor(code, ...entries) {
    this.code = code;
    this.entries = entries;
  }
}

/**
 * Whether there is an entry, with a statement of one of these types.
 * @template {StatementType} T
 * @param {Entry | null | undefined} entry
 * @param {...T} types
 * @returns {entry is EntryOf<T>}
 */
export function holds(entry, ...types) {
  return !!entry && /** @type {string[]} */ (types).includes(entry.statement.type);
}

export class Context {
  /**
   * @param {ShownRecord} record
   * @param {{instant: bigint, asOf: bigint, stale: boolean}} when POSIX seconds
   */
  constructor(record, { instant, asOf, stale }) {
    this.record = record;
    this.instant = instant;
    this.asOf = asOf;
    this.stale = stale;
    /** @type {Map<number, Judgement>} */
    this.standings = new Map();
    /** @type {Map<number, Judgement>} standings as if there were no rulings */
    this.base = new Map();
    /** How deep the judging stands just now; a result of nothing. */
    this.depth = 0;
    this.inOrder = false;
    /** @type {Map<string, unknown>} */
    this.kept = new Map();
  }

  /**
   * What was worked out under a name, or is now.
   * @template T
   * @param {string} name
   * @param {() => T} workOut
   * @returns {T}
   */
  recall(name, workOut) {
    if (!this.kept.has(name)) this.kept.set(name, workOut());
    return /** @type {T} */ (this.kept.get(name));
  }

  /** The profile that the registry set in its genesis. */
  get profile() {
    const genesis = this.record.entry(0)?.statement;
    return genesis?.type === "genesis" ? genesis.profile : "open";
  }

  /** Rulings and earlier copies counted. @param {Entry} entry @returns {Judgement} */
  standing(entry) {
    const known = this.standings.get(entry.index);
    if (known) return known;
    const found = finalStanding(this, entry);
    this.standings.set(entry.index, found);
    return found;
  }

  /** @param {Entry} entry @returns {Judgement} */
  standingWithoutRulings(entry) {
    return baseStanding(this, entry);
  }

  /** The void entries that were looked at so far, by rising index. @returns {[number, Judgement][]} */
  faults() {
    for (const [index, { standing }] of [...this.base]) {
      const entry = this.record.entry(index);
      if (standing === "void" && entry) this.standing(entry);
    }
    return [...this.standings].filter(([, { standing }]) => standing === "void").sort(([a], [b]) => a - b);
  }

  /**
   * The entry of a statement id that must stand in this subject's list, below index `before`, and its standing: the first
   * good copy, else a doubtful one, else a void one. Where the list is not shown, what the file happens to show is
   * doubtful: an entry outside a complete list proves nothing about what else there is.
   * @param {string} subject
   * @param {string} id
   * @param {number} [before]
   * @param {{ruled?: boolean}} [options] `ruled: false` as if there were no rulings
   * @returns {[Entry | null, Judgement]}
   */
  named(subject, id, before = Infinity, { ruled = true } = {}) {
    const shown = this.record.rows(subject) !== null;
    /** @type {[Entry | null, Judgement]} */
    let best = [null, voided("A0", "void_parties")];
    for (const index of this.record.find(id)) {
      if (index >= before) break;
      const entry = this.record.entry(index);
      if (!entry) continue;
      if (!shown) return [entry, LIST_MISSING];
      const judgement = ruled ? this.standing(entry) : this.standingWithoutRulings(entry);
      if (judgement.standing === "good") return [entry, judgement];
      if (!best[0] || (judgement.standing === "doubtful" && best[1].standing === "void")) best = [entry, judgement];
    }
    return shown ? best : [null, LIST_MISSING];
  }

  /**
   * The good and doubtful entries of some types in a subject's list, in log order; null: it is not shown.
   * @template {StatementType} T
   * @param {string} subject
   * @param {...T} types
   * @returns {[EntryOf<T>, Judgement][] | null}
   */
  listed(subject, ...types) {
    const rows = this.record.rows(subject);
    return rows && this.pick(rows, types);
  }

  /**
   * The same of several lists at once, each entry once.
   * @template {StatementType} T
   * @param {readonly string[]} subjects
   * @param {...T} types
   * @returns {[EntryOf<T>, Judgement][]}
   */
  listedTogether(subjects, ...types) {
    const rows = new Set(subjects.flatMap((subject) => this.record.rows(subject) ?? []));
    return this.pick([...rows].sort((a, b) => a - b), types);
  }

  /**
   * @template {StatementType} T
   * @param {Iterable<number>} rows
   * @param {readonly T[]} types
   * @returns {[EntryOf<T>, Judgement][]}
   */
  pick(rows, types) {
    /** @type {[EntryOf<T>, Judgement][]} */
    const found = [];
    for (const index of rows) {
      const entry = this.record.entry(index);
      if (!holds(entry, ...types)) continue;
      const judgement = this.standing(entry);
      if (judgement.standing !== "void") found.push([entry, judgement]);
    }
    return found;
  }

  /**
   * An entry's section, or why it cannot be read. A reader's own copy counts even after an erasure.
   * @param {Entry} entry
   * @param {SectionName} name
   */
  section(entry, name) {
    const opened = this.record.opened(entry, name);
    if (opened) return opened;
    for (const [erasure, { standing }] of this.listed(`erased:${entry.statement.id}`, "erasure") ?? []) {
      if (standing === "good" && /** @type {string[]} */ (erasure.statement.erased).includes(name)) return new Unread("erased", erasure.index);
    }
    return new Unread("not_disclosed", entry.index);
  }

  /** The consent that a usage names, good or not, if it is shown. @param {EntryOf<"usage">} usage */
  consentOf(usage) {
    const { consent } = usage.statement;
    const [entry] = this.named(`consent:${consent}`, consent, usage.index);
    return holds(entry, "consent") ? entry : null;
  }
}

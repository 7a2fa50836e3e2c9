/** What the rules read: the entries and lists that a file shows, as they stood at one checkpoint. */

import { subjects } from "../../statements/subjects.js";

/**
 * @typedef {import("../../statements/types.js").Statement} Statement
 * @typedef {import("../../statements/types.js").StatementType} StatementType
 * @typedef {import("../../statements/types.js").SectionName} SectionName
 * @typedef {import("../../statements/sections.js").Section} Section
 */
/**
 * A statement at its place in the log. `logged` is the time of its seal, `signers` the keys on it (hex).
 * @template {StatementType} [T=StatementType]
 * @typedef {{index: number, logged: bigint, statement: import("../../statements/types.js").StatementOf<T>, signers: ReadonlySet<string>}} Entry
 */

/** Kinds of the lists of one consent in which what a party's record book says of it stands. */
export const BOOK_LISTS = ["account", "consent", "uses"];

/** The subjects whose lists are complete in the record book of a party, thanks to this statement in it. @param {Statement} statement @param {string} party */
function impliedBy(statement, party) {
  const { model, licensee, agency } = statement.parties ?? {};
  if (statement.type === "consent" && (party === model || party === licensee)) {
    return ["consent", "uses", "usage", "account", "approval"].map((kind) => `${kind}:${statement.id}`);
  }
  if (statement.type === "twin" && party === model) return [`twin:${statement.id}`];
  if (statement.type === "mandate" && (party === model || party === agency)) return [`mandate:${statement.id}`];
  return [];
}

export class ShownRecord {
  /**
   * @param {string} genesis its id
   * @param {ReadonlyMap<string, readonly number[]>} lists every subject whose whole list is shown
   */
  constructor(genesis, lists) {
    this.genesis = genesis;
    this.lists = lists;
    /** @type {Map<number, Entry>} */
    this.entries = new Map();
    /** @type {Map<string, number[]>} */
    this.byId = new Map();
    /** @type {Map<number, ReadonlyMap<SectionName, Section>>} */
    this.sections = new Map();
    /** @type {Map<string, Map<string, number[]>>} */
    this.uses = new Map();
    /** @type {{byParty: Map<string, Map<string, number[]>>, owners: Map<string, string>} | null} */
    this.books = null;
  }

  /**
   * Take one more entry; they come in rising order of their index.
   * @param {Entry} entry
   * @param {ReadonlyMap<SectionName, Section>} sections
   */
  add(entry, sections) {
    this.entries.set(entry.index, entry);
    const known = this.byId.get(entry.statement.id);
    if (known) known.push(entry.index);
    else this.byId.set(entry.statement.id, [entry.index]);
    this.sections.set(entry.index, sections);
  }

  /** The rising indices of a subject's whole list, null where it is not shown. @param {string} subject @returns {readonly number[] | null} */
  rows(subject) {
    const shown = this.lists.get(subject) ?? (subject.startsWith("usage:") ? this.fromUses(subject) : null);
    return shown ?? this.fromBook(subject);
  }

  /** The list of one usage as that of all of its consent's implies it. @param {string} subject */
  fromUses(subject) {
    const uses = `uses:${subject.slice(6, 70)}`, rows = this.lists.get(uses);
    if (!rows) return null;
    let found = this.uses.get(uses);
    if (!found) this.uses.set(uses, found = this.bySubject(rows));
    return found.get(subject) ?? [];
  }

  /** A list as a party's whole record book implies it: every good entry there names her (section 7.1). @param {string} subject */
  fromBook(subject) {
    this.books ??= this.openBooks();
    const owner = this.books.owners.get(subject.split(".", 1)[0] ?? "");
    return owner === undefined ? null : this.books.byParty.get(owner)?.get(subject) ?? [];
  }

  /** @param {readonly number[]} rows */
  bySubject(rows) {
    /** @type {Map<string, number[]>} */
    const found = new Map();
    for (const index of rows) {
      for (const subject of subjects(/** @type {Entry} */ (this.entries.get(index)).statement)) {
        const list = found.get(subject);
        if (list) list.push(index);
        else found.set(subject, [index]);
      }
    }
    return found;
  }

  /** Per party whose book is shown, its entries by subject; and which subject's list follows from whose book. */
  openBooks() {
    /** @type {Map<string, Map<string, number[]>>} */
    const byParty = new Map();
    /** @type {Map<string, string>} */
    const owners = new Map();
    const own = (/** @type {string} */ subject, /** @type {string} */ party) => {
      if (!owners.has(subject)) owners.set(subject, party);
    };
    for (const [subject, rows] of this.lists) {
      if (!subject.startsWith("party:")) continue;
      const party = subject.slice(6);
      byParty.set(party, this.bySubject(rows));
      own(`exclusive:${party}`, party);
      for (const index of rows) {
        for (const implied of impliedBy(/** @type {Entry} */ (this.entries.get(index)).statement, party)) own(implied, party);
      }
    }
    return { byParty, owners };
  }

  /** The entries with this statement id, rising. @param {string} id */
  find(id) {
    return this.byId.get(id) ?? [];
  }

  /** @param {number} index @returns {Entry | null} */
  entry(index) {
    return this.entries.get(index) ?? null;
  }

  /** @param {Entry} entry @param {SectionName} name @returns {Section | null} null where it is not disclosed */
  opened(entry, name) {
    return this.sections.get(entry.index)?.get(name) ?? null;
  }
}

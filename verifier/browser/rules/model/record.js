/** What the rules read: the entries and lists that a file shows, as they stood at one checkpoint. */

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

  /** The rising indices of a subject's whole list, null where it is not shown. @param {string} subject */
  rows(subject) {
    return this.lists.get(subject) ?? null;
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

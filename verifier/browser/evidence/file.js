/** The evidence file: steps 1 to 3 of a check (protocol, sections 7 and 7.2). Nothing here is authenticated yet. */

import { parseB64, parseB64u } from "../base/base64.js";
import { parse } from "../base/canonical.js";
import { Malformed, within } from "../base/errors.js";
import { envelopeFromJson } from "../statements/envelope.js";
import { MAX_DISCLOSURE } from "../statements/disclosure.js";
import { arrayOf, choice, hex64, record } from "../statements/readers.js";
import { checkSubject } from "../statements/subjects.js";
import { parseStatement } from "../statements/types.js";
import { evidenceIn } from "./pdf.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {"usage" | "consent" | "party" | "asset"} Kind
 * @typedef {{kind: Kind, id: string, ask?: "authorised" | "complete" | "in_force" | "paid", consent?: string}} Question
 * @typedef {import("../index/proofs.js").Row} Row
 * @typedef {import("../index/proofs.js").Step} Step
 * @typedef {{index: number, envelope: import("../statements/envelope.js").Envelope, proof: Uint8Array[],
 *   statement: import("../statements/types.js").Statement, disclosures: string[]}} ShownEntry
 * @typedef {{subject: string, rows: Row[], path: Step[], other?: {k: Uint8Array, v: Uint8Array}}} ShownList
 * @typedef {{checkpoint: string, entries: ShownEntry[], question: Question, subjects: ShownList[]}} Evidence
 */

const FORMAT = "kembar-evidence/2";
export const MAX_EVIDENCE = 128 * 1024 * 1024;
const MAX_ENTRIES = 50_000;
const MAX_SUBJECTS = 2_000;
const MAX_ROWS = 1_000_000;
const MAX_DISCLOSURES = 6;
const MAX_PROOF = 64;
const MAX_PATH = 256;

/**
 * More than any evidence weighs. Outside leaves: 1,000,000 rows of 6, 2,000 lists with 256 steps of 6, and 50,000 entries
 * with 64 hashes and 6 disclosures; in a leaf: a payload and 24 signatures.
 */
const BOUNDS = { whole: 16_000_000, apart: "leaf", each: 160, all: 8_000_000 };

const CODES = /** @type {const} */ ([
  "", "not_canonical", "evidence_malformed", "leaf_malformed", "checkpoint_malformed", "log_untrusted", "quorum_missing",
  "not_included", "seal_wrong", "signature_wrong", "disclosure_wrong", "list_wrong", "list_incomplete", "registry_wrong",
  "question_wrong",
]);

/** The file is forged, broken or not what it says: it yields no verdict at all. */
export class Invalid extends Error {
  /** @param {number} step of section 7.2 @param {string} message @param {string} [where] for people */
  constructor(step, message, where = "") {
    super(message);
    this.step = step;
    this.code = /** @type {string} */ (CODES[step]);
    this.where = where;
  }
}

/**
 * What `read` returns; what is malformed in it fails this step.
 * @template T
 * @param {number} step
 * @param {() => T} read
 */
function atStep(step, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof Malformed ? new Invalid(step, error.message, error.where) : error;
  }
}

/** @param {Json} value */
function count(value) {
  if (typeof value !== "number" || value < 0) throw new Malformed("must be an integer of 0 or more");
  return value;
}

/** @param {Json} value @param {number} length */
function bytes(value, length) {
  if (typeof value !== "string") throw new Malformed("must be a string");
  return parseB64(value, length);
}

/** @param {Json} value @returns {[Json, Json]} */
function pair(value) {
  if (!Array.isArray(value) || value.length !== 2) throw new Malformed("must be an array of two");
  return /** @type {[Json, Json]} */ (value);
}

/** @param {Json} value @returns {string} */
function string(value) {
  if (typeof value !== "string") throw new Malformed("must be a string");
  return value;
}

/** @param {Json} value */
function disclosure(value) {
  const text = string(value);
  if (!text || text.length > MAX_DISCLOSURE) throw new Malformed(`has ${text.length} characters`);
  parseB64u(text);
  return text;
}

const rawEntry = record({
  disclosures: arrayOf(disclosure, 0, MAX_DISCLOSURES),
  index: count,
  leaf: (value) => value,
  proof: arrayOf((value) => bytes(value, 32), 0, MAX_PROOF),
}, {});

/** @param {Json} value @returns {Row} */
function row(value) {
  const [index, logged] = pair(value);
  return [count(index), BigInt(count(logged))];
}

/** @param {Json} value @returns {Step} */
function step(value) {
  const [bit, sibling] = pair(value);
  if (count(bit) > 255) throw new Malformed("a bit is 0 to 255", "[0]");
  return [/** @type {number} */ (bit), bytes(sibling, 32)];
}

const listMembers = record({
  list: arrayOf(row, 0, MAX_ROWS), path: arrayOf(step, 0, MAX_PATH), subject: string,
}, { other: record({ k: (value) => bytes(value, 32), v: (value) => bytes(value, 40) }, {}) });

/** @param {Json} value @returns {ShownList} */
function shownList(value) {
  const { list: rows, path, subject, other } = listMembers(value);
  checkSubject(subject);
  rising(rows, ([index]) => index, "list");
  rising(path, ([bit]) => -bit, "path");
  if (!rows.length !== !!other) throw new Malformed("other stands exactly where the list is empty", "other");
  return other ? { subject, rows, path, other } : { subject, rows, path };
}

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number | string} by
 * @param {string} name
 */
function rising(items, by, name) {
  for (let i = 1; i < items.length; i++) {
    if (by(/** @type {T} */ (items[i - 1])) >= by(/** @type {T} */ (items[i]))) throw new Malformed("not in order", `${name}[${i}]`);
  }
}

const questionMembers = record({}, {
  usage: hex64, consent: hex64, party: hex64, asset: hex64, ask: choice("authorised", "complete", "in_force", "paid"),
});

/** The answers for which alone a file may be made. @type {Record<Kind, readonly string[]>} */
const ANSWERS = { usage: ["authorised", "paid"], consent: ["in_force", "paid"], party: ["complete"], asset: [] };

/** Of a party with a consent: what its record book says of that one. @param {Json} value @returns {Question} */
function question(value) {
  const { ask, ...about } = questionMembers(value);
  const { party, consent, ...others } = about;
  if (party && consent && ask === undefined && !Object.keys(others).length) return { kind: "party", id: party, consent };
  const [[kind, id] = [], ...more] = /** @type {[Kind, string][]} */ (Object.entries(about));
  if (!kind || !id || more.length) throw new Malformed("must have exactly one of usage, consent, party and asset");
  if (ask === undefined) return { kind, id };
  if (!ANSWERS[kind].includes(ask)) throw new Malformed("not an answer of this question", "ask");
  return { kind, id, ask };
}

const frame = record({
  checkpoint: string, entries: arrayOf(rawEntry, 0, MAX_ENTRIES), format: string, question,
  subjects: arrayOf(shownList, 0, MAX_SUBJECTS),
}, {});

/** @param {Json} value */
function readFrame(value) {
  const format = value instanceof Map ? value.get("format") : undefined;
  if (format !== undefined && format !== FORMAT) throw new Malformed(`must be ${FORMAT}`, "format");
  const read = frame(value);
  rising(read.entries, (entry) => entry.index, "entries");
  rising(read.subjects, (shown) => shown.subject, "subjects");
  const rows = read.subjects.reduce((sum, shown) => sum + shown.rows.length, 0);
  if (rows > MAX_ROWS) throw new Malformed(`${rows} list rows, at most ${MAX_ROWS} are allowed`, "subjects");
  return read;
}

/**
 * Steps 1 to 3. Throws {@link Invalid}.
 * @param {Uint8Array} data
 * @returns {Evidence}
 */
export function parseEvidence(data) {
  // Step 1: size, of a PDF the evidence in it, canonical JSON.
  const value = atStep(1, () => parse(evidenceIn(data, MAX_EVIDENCE), MAX_EVIDENCE, BOUNDS));

  // Step 2: everything outside the leaves, the checkpoint's text and opened disclosures.
  const read = atStep(2, () => readFrame(value));

  // Step 3: all inside each leaf.
  const entries = read.entries.map(({ index, leaf, proof, disclosures }, place) => atStep(3, () =>
    within(`entries[${place}].leaf`, () => {
      const envelope = envelopeFromJson(leaf);
      return { index, envelope, statement: within("payload", () => parseStatement(envelope.payload)), proof, disclosures };
    })));
  return { checkpoint: read.checkpoint, entries, question: read.question, subjects: read.subjects };
}

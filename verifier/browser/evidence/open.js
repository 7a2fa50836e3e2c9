/** Steps 4 to 14 of a check (protocol, section 7.2): what is authenticated is a record that the rules can read. */

import { Malformed } from "../base/errors.js";
import { isAbsent, isPresent } from "../index/proofs.js";
import { leafHash } from "../log/hashing.js";
import { parseVkey } from "../log/note.js";
import { isIncluded } from "../log/proofs.js";
import { isSignedBy, openCheckpoint, Untrusted } from "../log/trust.js";
import { BOOK_LISTS, ShownRecord } from "../rules/model/record.js";
import { registryState } from "../rules/standing/registry.js";
import { digestOf, parseDisclosure } from "../statements/disclosure.js";
import { badSignature } from "../statements/envelope.js";
import { parseSection } from "../statements/sections.js";
import { subjects } from "../statements/subjects.js";
import { toHex } from "../base/bytes.js";
import { Invalid, parseEvidence } from "./file.js";

/**
 * @typedef {import("./file.js").Evidence} Evidence
 * @typedef {import("../log/trust.js").Policy} Policy
 * @typedef {import("../log/trust.js").TrustedCheckpoint} TrustedCheckpoint
 * @typedef {import("../statements/types.js").StatementOf<"genesis">} Genesis
 * @typedef {import("../statements/types.js").StatementOf<"seal">} Seal
 * @typedef {import("../statements/types.js").SectionName} SectionName
 * @typedef {import("../statements/sections.js").Section} Section
 * @typedef {{evidence: Evidence, trusted: TrustedCheckpoint, question: import("./file.js").Question, record: ShownRecord, asOf: bigint, size: bigint,
 *   basis: "audited" | "witnessed" | "claimed", rules: bigint}} Opened
 */

const SEAL_AHEAD = 300n;

/**
 * @param {Uint8Array} data
 * @param {Policy} policy
 * @param {(done: number, total: number) => void} progress told of entries whose signatures are checked
 * @returns {Opened}
 */
export function openEvidence(data, policy, progress) {
  // Steps 1 to 3: the file, what lies outside its leaves, its leaves.
  const evidence = parseEvidence(data);

  // Steps 4 to 6: the checkpoint's syntax, its log, its cosignatures.
  const trusted = openTrusted(evidence, policy);

  // Step 7: every entry is in the tree.
  checkInclusion(evidence, trusted);

  // Step 8: the tree begins with its genesis and ends with a seal, which tells the time and the index.
  const { genesis, seal } = checkEnds(evidence, trusted);
  const asOf = trusted.asOf ?? seal.at;

  // Step 9: every signature on every envelope.
  checkSignatures(evidence, progress);

  // Step 10: disclosures are those whose digests were signed, and read as they must.
  const sections = openDisclosures(evidence);

  // Step 11: every list is the one that the seal's index has for its subject.
  checkLists(evidence, seal);

  // Step 12: lists and entries say the same.
  const logged = checkComplete(evidence, seal);

  // Step 13: one registry, and its own keys.
  const record = makeRecord(evidence, genesis, logged, sections);
  const rules = checkRegistry(evidence, trusted, record);

  // Step 14: what is asked about is there.
  checkQuestion(evidence);

  const basis = trusted.audited ? "audited" : trusted.quorumNone ? "claimed" : "witnessed";
  return { evidence, trusted, question: evidence.question, record, asOf, size: trusted.checkpoint.size, basis, rules };
}

/** @param {Evidence} evidence @param {Policy} policy */
function openTrusted(evidence, policy) {
  try {
    return openCheckpoint(evidence.checkpoint, policy);
  } catch (error) {
    throw error instanceof Untrusted ? new Invalid(error.step, error.message, "checkpoint") : error;
  }
}

/** @param {Evidence} evidence @param {TrustedCheckpoint} trusted */
function checkInclusion(evidence, trusted) {
  const { size, root } = trusted.checkpoint;
  evidence.entries.forEach(({ envelope, index, proof }, place) => {
    if (!isIncluded(leafHash(envelope.leaf), BigInt(index), size, proof, root)) {
      throw new Invalid(7, "the entry is not in the tree", `entries[${place}].proof`);
    }
  });
}

/** @param {Evidence} evidence @param {TrustedCheckpoint} trusted @returns {{genesis: Genesis, seal: Seal}} */
function checkEnds(evidence, trusted) {
  const first = evidence.entries[0], last = evidence.entries.at(-1);
  if (!first || !last || first.index !== 0) throw new Invalid(8, "entry 0, the genesis, is not shown", "entries");
  const genesis = first.statement, seal = last.statement;
  if (genesis.type !== "genesis") throw new Invalid(8, "entry 0 is not a genesis", "entries[0]");
  if (genesis.origin !== trusted.checkpoint.origin) throw new Invalid(8, "the genesis has another origin", "entries[0]");
  if (BigInt(last.index) !== trusted.checkpoint.size - 1n) throw new Invalid(8, "the last of the tree is not shown", "entries");
  if (seal.type !== "seal") throw new Invalid(8, "the last leaf of the tree is not a seal", "entries");
  if (seal.size !== BigInt(last.index)) throw new Invalid(8, "the last seal stands at another index", "entries");
  if (trusted.asOf !== null && seal.at > trusted.asOf + SEAL_AHEAD) {
    throw new Invalid(8, "the last seal is later than the cosignatures on it", "entries");
  }
  return { genesis, seal };
}

/** @param {Evidence} evidence @param {(done: number, total: number) => void} progress */
function checkSignatures(evidence, progress) {
  evidence.entries.forEach(({ envelope }, place) => {
    const bad = badSignature(envelope);
    if (bad >= 0) throw new Invalid(9, "the signature does not verify", `entries[${place}].leaf.signatures[${bad}]`);
    progress(place + 1, evidence.entries.length);
  });
}

/** @param {Evidence} evidence @returns {Map<number, Map<SectionName, Section>>} */
function openDisclosures(evidence) {
  const sections = new Map();
  evidence.entries.forEach(({ index, statement, disclosures }, place) => {
    /** @type {Map<SectionName, Section>} */
    const opened = new Map();
    let last = "";
    disclosures.forEach((text, i) => {
      try {
        const { name, value } = parseDisclosure(text);
        if (name <= last) throw new Malformed("disclosures must rise strictly by section name");
        if (statement.sections?.[name] !== digestOf(text)) throw new Malformed("not the digest that the statement has");
        opened.set(name, parseSection(statement, name, value));
        last = name;
      } catch (error) {
        throw error instanceof Malformed ? new Invalid(10, error.message, `entries[${place}].disclosures[${i}]`) : error;
      }
    });
    sections.set(index, opened);
  });
  return sections;
}

/** @param {Evidence} evidence @param {Seal} seal */
function checkLists(evidence, seal) {
  evidence.subjects.forEach(({ subject, rows, path, other }, place) => {
    const good = other ? isAbsent(seal.index, subject, other, path) : isPresent(seal.index, subject, rows, path);
    if (!good) throw new Invalid(11, "not the list in the index", `subjects[${place}]`);
  });
}

/** @param {Evidence} evidence @param {Seal} seal @returns {Map<number, bigint>} the logged time of every entry in a list */
function checkComplete(evidence, seal) {
  const touched = new Map(evidence.entries.map(({ index, statement }) => [index, subjects(statement)]));
  /** @type {Map<number, bigint>} */
  const logged = new Map();
  /** @type {Map<string, Set<number>>} */
  const members = new Map();
  evidence.subjects.forEach(({ subject, rows }, place) => {
    members.set(subject, new Set(rows.map(([index]) => index)));
    rows.forEach(([index, at], i) => {
      const where = `subjects[${place}].list[${i}]`;
      const touches = touched.get(index);
      if (!touches) throw new Invalid(12, "the entry is not shown", where);
      if (!touches.has(subject)) throw new Invalid(12, "the entry does not touch the subject", where);
      if (logged.has(index) && logged.get(index) !== at) throw new Invalid(12, "another logged time in an earlier list", where);
      logged.set(index, at);
    });
  });
  let last = 0n;
  evidence.entries.forEach(({ index }, place) => {
    const where = `entries[${place}]`;
    for (const subject of touched.get(index) ?? []) {
      if (members.get(subject)?.has(index) === false) throw new Invalid(12, "the entry is left out of a list", where);
    }
    const at = logged.get(index);
    if (at === undefined) {
      if (place > 0 && place < evidence.entries.length - 1) throw new Invalid(12, "the entry stands in no list", where);
    } else {
      if (at < last) throw new Invalid(12, "the entry was logged before an earlier one", where);
      last = at;
    }
  });
  if (seal.at < last) throw new Invalid(12, "the last seal is older than an entry below it", "entries");
  return logged;
}

/**
 * @param {Evidence} evidence
 * @param {Genesis} genesis
 * @param {ReadonlyMap<number, bigint>} logged
 * @param {ReadonlyMap<number, ReadonlyMap<SectionName, Section>>} sections
 */
function makeRecord(evidence, genesis, logged, sections) {
  const lists = new Map(evidence.subjects.map(({ subject, rows }) => [subject, rows.map(([index]) => index)]));
  const record = new ShownRecord(genesis.id, lists);
  for (const { index, statement, envelope } of evidence.entries) {
    const at = logged.get(index);
    if (at === undefined) continue;
    const signers = new Set(envelope.signatures.map(({ keyid }) => keyid));
    record.add({ index, logged: at, statement, signers }, sections.get(index) ?? new Map());
  }
  return record;
}

/** @param {string} vkey */
function keyOf(vkey) {
  return toHex(parseVkey(vkey).key);
}

/**
 * @param {Evidence} evidence
 * @param {TrustedCheckpoint} trusted
 * @param {ShownRecord} record
 * @returns {bigint} the rule set in force
 */
function checkRegistry(evidence, trusted, record) {
  const onlyBy = (/** @type {number} */ place, /** @type {string} */ key) => {
    const signatures = evidence.entries.at(place)?.envelope.signatures ?? [];
    return signatures.length === 1 && signatures[0]?.keyid === key;
  };
  evidence.entries.forEach(({ statement }, place) => {
    if (statement.type !== "genesis" && statement.registry !== record.genesis) {
      throw new Invalid(13, "the statement is for another registry", `entries[${place}]`);
    }
  });
  const genesis = evidence.entries[0]?.statement;
  if (!record.rows(`registry:${record.genesis}`) || genesis?.type !== "genesis") {
    throw new Invalid(13, "the list of the registry's own statements is not shown", "subjects");
  }
  if (!onlyBy(0, keyOf(genesis.log))) throw new Invalid(13, "the genesis is not signed by the key that it names alone", "entries[0]");
  const state = registryState(record, Number(trusted.checkpoint.size - 1n));
  if (!onlyBy(-1, keyOf(state.log))) throw new Invalid(13, "the last seal is not signed by the registry's key alone", "entries");
  if (!isSignedBy(trusted, parseVkey(state.log))) {
    throw new Invalid(13, "the checkpoint is not signed by the registry's key in force", "checkpoint");
  }
  return state.rules;
}

const ASKED = { usage: "usage", consent: "consent", party: "party" };

/** @param {Evidence} evidence */
function checkQuestion(evidence) {
  const { kind, id, consent } = evidence.question;
  /** @type {[keyof typeof ASKED, string][]} */
  const asked = [...(kind === "asset" ? [] : [/** @type {[typeof kind, string]} */ ([kind, id])])];
  if (consent) asked.push(["consent", consent]);
  for (const [type, named] of asked) {
    const found = evidence.entries.find(({ statement }) => statement.id === named);
    if (!found) throw new Invalid(14, "the statement that is asked about is not shown", "question");
    if (found.statement.type !== ASKED[type]) throw new Invalid(14, "what is asked about is of another type", "question");
  }
  const lists = consent ? BOOK_LISTS.map((list) => `${list}:${consent}`) : kind === "asset" || kind === "party" ? [`${kind}:${id}`] : [];
  for (const subject of lists) {
    if (!evidence.subjects.some((shown) => shown.subject === subject)) {
      throw new Invalid(14, "the list that is asked about is not shown", "question");
    }
  }
}

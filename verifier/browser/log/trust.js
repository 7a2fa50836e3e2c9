/** Whom a reader trusts (C2SP tlog-policy), and the opening of a checkpoint under that policy (protocol, section 7.2). */

import { decodeUtf8, sameBytes } from "../base/bytes.js";
import { Malformed, within } from "../base/errors.js";
import { parseCheckpoint, parseDecimal } from "./checkpoint.js";
import { verifyCosignature } from "./cosignature.js";
import { COSIGNATURE_V1, ED25519, parseNote, parseVkey, verifyEd25519 } from "./note.js";

/**
 * @typedef {import("./note.js").Verifier} Verifier
 * @typedef {import("./note.js").Note} Note
 * @typedef {import("./checkpoint.js").Checkpoint} Checkpoint
 * @typedef {{name: string, verifier: Verifier}} Witness
 * @typedef {{name: string, threshold: number, members: readonly string[]}} Group
 * @typedef {{logs: readonly Verifier[], witnesses: readonly Witness[], groups: readonly Group[], quorum: string | null}} Policy
 * @typedef {{checkpoint: Checkpoint, note: Note, asOf: bigint | null, quorumNone: boolean, audited: boolean, cosigners: readonly string[]}} TrustedCheckpoint
 *   `cosigners`: whose cosignatures verified
 */

export const MAX_POLICY_SIZE = 262_144;
const MAX_DEFINITIONS = 128;
const AUDITOR_SUFFIX = "/kembar-auditor";
const NO_QUORUM = "none";
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;

/** A checkpoint that the policy does not accept: steps 4 to 6. */
export class Untrusted extends Error {
  /** @param {4 | 5 | 6} step @param {string} message */
  constructor(step, message) {
    super(message);
    this.step = step;
  }
}

/**
 * Bytes as a text of as many characters: bytes beyond ASCII are opaque in a policy, valid UTF-8 or not.
 * @param {Uint8Array} data
 */
function opaque(data) {
  let text = "";
  for (const byte of data) text += String.fromCharCode(byte);
  return text;
}

/** @param {string} text what {@link opaque} made */
function transparent(text) {
  return decodeUtf8(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/**
 * Read a policy file; {@link Malformed} says which line is wrong.
 * @param {Uint8Array} data
 * @returns {Policy}
 */
export function parsePolicy(data) {
  if (data.length > MAX_POLICY_SIZE) throw new Malformed(`a policy has at most ${MAX_POLICY_SIZE} bytes`);
  const reader = new PolicyReader();
  opaque(data).split("\n").forEach((line, i) => within(`line ${i + 1}`, () => {
    if (CONTROL.test(line)) throw new Malformed("a control character");
    const words = line.split(/[ \t]/).filter((word) => word);
    if (words.length && !words[0]?.startsWith("#")) reader.read(words);
  }));
  return reader.policy();
}

class PolicyReader {
  constructor() {
    /** @type {Verifier[]} */
    this.logs = [];
    /** @type {Witness[]} */
    this.witnesses = [];
    /** @type {Group[]} */
    this.groups = [];
    /** @type {string | null} */
    this.quorum = null;
    this.names = new Set();
    this.inGroups = new Set();
    this.ids = new Set();
  }

  /** @param {string[]} words */
  read(words) {
    const [kind, one = "", two = "", ...rest] = words;
    const count = words.length;
    if (kind === "log" && (count === 2 || count === 3)) {
      this.logs.push(this.key(one, ED25519, this.logs));
    } else if (kind === "witness" && (count === 3 || count === 4)) {
      this.define(one);
      this.witnesses.push({ name: one, verifier: this.key(two, COSIGNATURE_V1, this.witnesses.map((each) => each.verifier)) });
    } else if (kind === "group" && count >= 4) {
      for (const member of rest) {
        if (!this.names.has(member)) throw new Malformed("a member is not defined on a line before");
        if (this.inGroups.has(member)) throw new Malformed("a member is in a group already; it can count only once");
        this.inGroups.add(member);
      }
      this.define(one);
      this.groups.push({ name: one, threshold: thresholdOf(two, rest), members: rest });
    } else if (kind === "quorum" && count === 2) {
      if (this.quorum !== null) throw new Malformed("a second quorum line");
      if (one !== NO_QUORUM && !this.names.has(one)) throw new Malformed("the quorum is not defined on a line before");
      this.quorum = one;
    } else {
      throw new Malformed("not 'log KEY', 'witness NAME KEY', 'group NAME all|any|K NAME...' or 'quorum NAME'");
    }
    if (Math.max(this.logs.length, this.witnesses.length, this.groups.length) > MAX_DEFINITIONS) {
      throw new Malformed(`more than ${MAX_DEFINITIONS} of a kind`);
    }
  }

  /** @param {string} name */
  define(name) {
    if (this.names.has(name) || name === NO_QUORUM) throw new Malformed("the name is defined already");
    this.names.add(name);
  }

  /**
   * @param {string} word
   * @param {number} algorithm
   * @param {readonly Verifier[]} others
   */
  key(word, algorithm, others) {
    const verifier = parseVkey(transparent(word));
    if (verifier.algorithm !== algorithm) throw new Malformed("a log's key is of algorithm 1, a witness's of algorithm 4");
    if (others.some((other) => sameBytes(other.key, verifier.key))) throw new Malformed("this key stands on an earlier line");
    if (this.ids.has(verifier.id)) throw new Malformed("another key has the same name and id");
    this.ids.add(verifier.id);
    return verifier;
  }

  /** @returns {Policy} */
  policy() {
    if (!this.logs.length) throw new Malformed("a policy names at least one log");
    if (this.quorum === null) throw new Malformed("a policy has a quorum line; 'quorum none' asks for no witness");
    return {
      logs: this.logs,
      witnesses: this.witnesses,
      groups: this.groups,
      quorum: this.quorum === NO_QUORUM ? null : this.quorum,
    };
  }
}

/** @param {string} word @param {string[]} members */
function thresholdOf(word, members) {
  if (word === "all") return members.length;
  if (word === "any") return 1;
  const threshold = parseDecimal(word);
  if (threshold < 1n || threshold > BigInt(members.length)) throw new Malformed("a threshold that the members cannot meet");
  return Number(threshold);
}

/**
 * The latest instant t such that the cosignatures made at or after t meet the quorum; null if they do not.
 * @param {Policy} policy
 * @param {ReadonlyMap<string, bigint>} times the last of each key, by its id
 * @returns {bigint | null}
 */
function quorumTime(policy, times) {
  /** @type {Map<string, bigint>} */
  const met = new Map();
  for (const { name, verifier } of policy.witnesses) {
    const time = times.get(verifier.id);
    if (time !== undefined) met.set(name, time);
  }
  for (const { name, threshold, members } of policy.groups) {
    const there = members.map((member) => met.get(member)).filter((time) => time !== undefined);
    there.sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
    const time = there[threshold - 1];
    if (time !== undefined) met.set(name, time);
  }
  return policy.quorum === null ? null : met.get(policy.quorum) ?? null;
}

/**
 * Steps 4 to 6 on a checkpoint. Every line by a key of the policy must verify; lines by other keys are ignored.
 * @param {string} text
 * @param {Policy} policy
 * @returns {TrustedCheckpoint}
 */
export function openCheckpoint(text, policy) {
  // Step 4: the checkpoint's syntax.
  let note, checkpoint;
  try {
    note = parseNote(text);
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    if (error instanceof Malformed) throw new Untrusted(4, error.message);
    throw error;
  }

  // Step 5: origin and log signature.
  const known = new Map([...policy.logs, ...policy.witnesses.map((one) => one.verifier)].map((one) => [one.id, one]));
  const isLogs = (/** @type {Verifier} */ one) => one.algorithm === ED25519 && one.name === checkpoint.origin;
  if (!policy.logs.some(isLogs)) throw new Untrusted(5, "the policy does not name this log");
  const claimed = note.signatures.flatMap((line) => {
    const verifier = known.get(line.id);
    return verifier ? [{ verifier, signature: line.signature }] : [];
  });
  for (const { verifier, signature } of claimed) {
    if (isLogs(verifier) && !verifyEd25519(verifier, note.text, signature)) {
      throw new Untrusted(5, "the log's signature does not verify");
    }
  }
  if (!claimed.some(({ verifier }) => isLogs(verifier))) throw new Untrusted(5, "not signed by a key of the log");

  // Step 6: the quorum of cosignatures.
  /** @type {Map<string, bigint>} */
  const times = new Map();
  const cosigners = new Set();
  let audited = false;
  for (const { verifier, signature } of claimed) {
    if (verifier.algorithm === COSIGNATURE_V1) {
      const time = verifyCosignature(verifier, note.text, signature);
      if (time === null) throw new Untrusted(6, "a cosignature does not verify");
      if (time > (times.get(verifier.id) ?? -1n)) times.set(verifier.id, time);
      cosigners.add(verifier.name);
      audited ||= verifier.name.endsWith(AUDITOR_SUFFIX);
    } else if (!isLogs(verifier) && !verifyEd25519(verifier, note.text, signature)) {
      throw new Untrusted(6, "the signature by another log of the policy does not verify");
    }
  }
  const asOf = quorumTime(policy, times);
  if (policy.quorum !== null && asOf === null) throw new Untrusted(6, "the cosignatures do not meet the quorum");
  return { checkpoint, note, asOf, quorumNone: policy.quorum === null, audited, cosigners: [...cosigners] };
}

/**
 * Whether a line of the note is a good plain signature by this key, which the policy need not know.
 * @param {TrustedCheckpoint} trusted
 * @param {Verifier} verifier
 */
export function isSignedBy(trusted, verifier) {
  const { text, signatures } = trusted.note;
  return signatures.some((line) => line.id === verifier.id && verifyEd25519(verifier, text, line.signature));
}

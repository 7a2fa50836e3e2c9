/** An answer about a part of the index: the steps of a check that concern a checkpoint and its seal, and then the part. */

import { parseB64 } from "../base/base64.js";
import { toHex } from "../base/bytes.js";
import { parse } from "../base/canonical.js";
import { Malformed } from "../base/errors.js";
import { isWhole } from "../index/prefixes.js";
import { leafHash } from "../log/hashing.js";
import { isIncluded } from "../log/proofs.js";
import { openCheckpoint, Untrusted } from "../log/trust.js";
import { badSignature, envelopeFromJson } from "../statements/envelope.js";
import { arrayOf, record } from "../statements/readers.js";
import { parseStatement } from "../statements/types.js";
import { Invalid } from "./file.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("../index/prefixes.js").IndexPart} IndexPart
 * @typedef {import("../log/trust.js").Policy} Policy
 * @typedef {{part: IndexPart, root: Uint8Array, size: bigint, at: bigint}} IndexAnswer
 */

export const MAX_ANSWER = 1 << 20;
const SEAL_AHEAD = 300n;

/** @param {Json} value @returns {[Json, Json]} */
function pair(value) {
  if (!Array.isArray(value) || value.length !== 2) throw new Malformed("must be an array of two");
  return /** @type {[Json, Json]} */ (value);
}

/** @param {number} high @returns {(value: Json) => number} */
const count = (high) => (value) => {
  if (typeof value !== "number" || value < 0 || value > high) throw new Malformed(`must be an integer from 0 to ${high}`);
  return value;
};

/** @param {number} size @returns {(value: Json) => Uint8Array} */
const bytes = (size) => (value) => parseB64(typeof value === "string" ? value : "", size);

/** @param {Json} value @returns {import("../index/prefixes.js").IndexEntry} */
function entry(value) {
  const [key, list] = pair(value);
  return [bytes(32)(key), bytes(40)(list)];
}

/** @param {Json} value @returns {import("../index/proofs.js").Step} */
function step(value) {
  const [bit, sibling] = pair(value);
  return [count(255)(bit), bytes(32)(sibling)];
}

/** @param {Json} value */
function anyText(value) {
  if (typeof value !== "string") throw new Malformed("must be a string");
  return value;
}

const read = record({
  bits: count(64), checkpoint: anyText, entries: arrayOf(entry, 0, 2_000), pad: anyText, path: arrayOf(step, 0, 256),
  prefix: anyText, seal: record({ index: count(Number.MAX_SAFE_INTEGER), leaf: (value) => value, proof: arrayOf(bytes(32), 0, 64) }, {}),
}, { other: record({ k: bytes(32), v: bytes(40) }, {}) });

/**
 * @template T
 * @param {number} number
 * @param {() => T} take
 */
function at(number, take) {
  try {
    return take();
  } catch (error) {
    if (error instanceof Untrusted) throw new Invalid(error.step, error.message, "checkpoint");
    throw error instanceof Malformed ? new Invalid(number, error.message, error.where) : error;
  }
}

/**
 * Check an answer to a question that was asked with these. Throws {@link Invalid}.
 * @param {Uint8Array} data
 * @param {Policy} policy
 * @param {number} bits
 * @param {string} prefix
 * @returns {IndexAnswer}
 */
export function openAnswer(data, policy, bits, prefix) {
  const value = at(1, () => parse(data, MAX_ANSWER));
  const answer = at(2, () => read(value));
  if (answer.bits !== bits || answer.prefix !== prefix) throw new Invalid(2, "this is the answer to another question", "prefix");
  for (let i = 1; i < answer.path.length; i++) {
    if (/** @type {any} */ (answer.path[i - 1])[0] <= /** @type {any} */ (answer.path[i])[0]) throw new Invalid(2, "not in order", `path[${i}]`);
  }
  const envelope = at(3, () => envelopeFromJson(answer.seal.leaf));
  const seal = at(3, () => parseStatement(envelope.payload));
  const trusted = at(4, () => openCheckpoint(answer.checkpoint, policy));
  const { size, root, origin } = trusted.checkpoint, index = BigInt(answer.seal.index);
  if (!isIncluded(leafHash(envelope.leaf), index, size, answer.seal.proof, root)) throw new Invalid(7, "the entry is not in the tree", "seal.proof");
  if (seal.type !== "seal" || index !== size - 1n || seal.size !== index) {
    throw new Invalid(8, "the last leaf of the tree is not the seal that is shown", "seal");
  }
  if (trusted.asOf !== null && seal.at > trusted.asOf + SEAL_AHEAD) throw new Invalid(8, "the last seal is later than the cosignatures on it", "seal");
  if (badSignature(envelope) >= 0) throw new Invalid(9, "the signature does not verify", "seal.leaf");
  const keys = policy.logs.filter((one) => one.name === origin).map((one) => toHex(one.key));
  if (envelope.signatures.length !== 1 || !keys.includes(envelope.signatures[0]?.keyid ?? "")) {
    throw new Invalid(13, "the last seal is not signed by a key of the log, and by nobody else", "seal.leaf");
  }
  const part = { entries: answer.entries, path: answer.path, other: answer.other };
  if (!isWhole(seal.index, bits, prefix, part)) throw new Invalid(11, "the part is not all that the index has there", "entries");
  return { part, root: seal.index, size, at: trusted.asOf ?? seal.at };
}

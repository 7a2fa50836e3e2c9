/** The index from a subject to its whole list: proofs of presence and absence (protocol, section 6). */

import { bigEndian, concat, encodeUtf8, sameBytes } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { leafHash, treeRoot } from "../log/hashing.js";

/**
 * A row of a list, and a step of a path from the entry up.
 * @typedef {readonly [index: number, logged: bigint]} Row
 * @typedef {readonly [bit: number, sibling: Uint8Array]} Step
 */

export const ENTRY = Uint8Array.of(0, 32);
export const VALUE = Uint8Array.of(40);

/** @param {string} subject */
export function subjectKey(subject) {
  return sha256(encodeUtf8("kembar/subject\n" + subject));
}

/**
 * What the index holds for a list: its size and its RFC 6962 root, 40 bytes.
 * @param {readonly Row[]} rows
 */
export function listValue(rows) {
  const leaves = rows.map(([index, logged]) => leafHash(concat(bigEndian(BigInt(index), 8), bigEndian(logged, 8))));
  return concat(bigEndian(BigInt(rows.length), 8), treeRoot(leaves));
}

/** @param {Uint8Array} key @param {number} bit 0 is the most significant of the first byte */
export function bitOf(key, bit) {
  return ((key[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
}

/** @param {number} bit 0 to 255, as an unsigned LEB128 varint */
export function nodePrefix(bit) {
  return bit < 128 ? Uint8Array.of(1, bit) : Uint8Array.of(1, (bit & 0x7f) | 0x80, bit >> 7);
}

/**
 * Whether an entry's path leads to this root.
 * @param {Uint8Array} root
 * @param {Uint8Array} key
 * @param {Uint8Array} value
 * @param {readonly Step[]} path its bits fall strictly (step 2)
 */
export function isLed(root, key, value, path) {
  if (value.subarray(0, 8).every((byte) => byte === 0)) return false; // a list of size 0 is in no index
  let result = sha256(concat(ENTRY, key, VALUE, value));
  for (const [bit, sibling] of path) {
    const [left, right] = bitOf(key, bit) ? [sibling, result] : [result, sibling];
    result = sha256(concat(nodePrefix(bit), left, right));
  }
  return sameBytes(result, root);
}

/**
 * Whether the index with this root has precisely these rows for the subject.
 * @param {Uint8Array} root
 * @param {string} subject
 * @param {readonly Row[]} rows
 * @param {readonly Step[]} path
 */
export function isPresent(root, subject, rows, path) {
  return isLed(root, subjectKey(subject), listValue(rows), path);
}

/**
 * Whether the index with this root has nothing about the subject: another entry stands where its would be found.
 * @param {Uint8Array} root
 * @param {string} subject
 * @param {{k: Uint8Array, v: Uint8Array}} other
 * @param {readonly Step[]} path
 */
export function isAbsent(root, subject, other, path) {
  const key = subjectKey(subject);
  if (!isLed(root, other.k, other.v, path) || sameBytes(key, other.k)) return false;
  return path.every(([bit]) => bitOf(key, bit) === bitOf(other.k, bit));
}

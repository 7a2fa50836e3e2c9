/** A part of the index, to be asked for without saying which subject is meant (protocol, section 6.1). */

import { concat, sameBytes, toHex } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { bitOf, ENTRY, isAbsent, isLed, nodePrefix, subjectKey, VALUE } from "./proofs.js";

/**
 * Entries rise by key; where there is none, `other` shows it, as in an absence.
 * @typedef {import("./proofs.js").Step} Step
 * @typedef {readonly [key: Uint8Array, value: Uint8Array]} IndexEntry
 * @typedef {{entries: readonly IndexEntry[], path: readonly Step[], other: {k: Uint8Array, v: Uint8Array} | undefined}} IndexPart
 */

/** An answer with fewer entries hides too little, unless the whole index is one part. */
export const FEW = 96;

/** The first bits of a key, as they are asked for: hex digits, the spare bits 0. @param {Uint8Array} key @param {number} bits */
export function prefixOf(key, bits) {
  const spare = (4 - (bits % 4)) % 4;
  const digits = [...toHex(key).slice(0, Math.ceil(bits / 4))];
  const last = digits.pop();
  if (last === undefined) return "";
  return digits.join("") + ((parseInt(last, 16) >> spare) << spare).toString(16);
}

/** @param {Uint8Array} one @param {Uint8Array} other the first bit in which two keys differ */
function partingBit(one, other) {
  for (let bit = 0; bit < 256; bit++) if (bitOf(one, bit) !== bitOf(other, bit)) return bit;
  return 256;
}

/** @param {readonly IndexEntry[]} entries rising, at least one @returns {Uint8Array} the root of the tree over them alone */
function rootOf(entries) {
  const [first, last] = [/** @type {IndexEntry} */ (entries[0]), /** @type {IndexEntry} */ (entries.at(-1))];
  if (entries.length === 1) return sha256(concat(ENTRY, first[0], VALUE, first[1]));
  const bit = partingBit(first[0], last[0]);
  const middle = entries.findIndex(([key]) => bitOf(key, bit));
  return sha256(concat(nodePrefix(bit), rootOf(entries.slice(0, middle)), rootOf(entries.slice(middle))));
}

/**
 * Down towards a key: the entry where that ends, and the steps back up.
 * @param {readonly IndexEntry[]} entries rising, at least one
 * @param {Uint8Array} key
 * @returns {{entry: IndexEntry, path: Step[]}}
 */
function walk(entries, key) {
  /** @type {Step[]} */
  const path = [];
  let rest = entries;
  while (rest.length > 1) {
    const bit = partingBit(/** @type {IndexEntry} */ (rest[0])[0], /** @type {IndexEntry} */ (rest.at(-1))[0]);
    const middle = rest.findIndex(([one]) => bitOf(one, bit));
    const [left, right] = [rest.slice(0, middle), rest.slice(middle)];
    path.unshift([bit, rootOf(bitOf(key, bit) ? left : right)]);
    rest = bitOf(key, bit) ? right : left;
  }
  return { entry: /** @type {IndexEntry} */ (rest[0]), path };
}

/**
 * Whether a part is all that the index with this root has under a prefix; without entries there is nothing to check yet.
 * @param {Uint8Array} root
 * @param {number} bits
 * @param {string} prefix
 * @param {IndexPart} part
 */
export function isWhole(root, bits, prefix, part) {
  const first = part.entries[0];
  if (!first) return true;
  if (part.other || part.path.some(([bit]) => bit >= bits)) return false;
  let before = "";
  for (const [key, value] of part.entries) {
    const text = toHex(key);
    if (text <= before || prefixOf(key, bits) !== prefix || value.subarray(0, 8).every((byte) => byte === 0)) return false;
    before = text;
  }
  return isLed(root, first[0], first[1], [...walk(part.entries, first[0]).path, ...part.path]);
}

/**
 * What a part that was checked says of a subject whose key begins with its prefix; null where it does not say.
 * @param {Uint8Array} root
 * @param {string} subject
 * @param {IndexPart} part
 * @returns {"present" | "absent" | null}
 */
export function findIn(root, subject, part) {
  if (!part.entries.length) return part.other && isAbsent(root, subject, part.other, part.path) ? "absent" : null;
  const key = subjectKey(subject), { entry, path } = walk(part.entries, key);
  const [k, v] = entry, whole = [...path, ...part.path];
  if (sameBytes(k, key)) return isLed(root, k, v, whole) ? "present" : null;
  return isAbsent(root, subject, { k, v }, whole) ? "absent" : null;
}

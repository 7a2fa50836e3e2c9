/** The Merkle tree's hashes (RFC 6962, section 2.1). */

import { concat } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";

export const HASH_SIZE = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @param {Uint8Array} data */
export function leafHash(data) {
  return sha256(concat(LEAF, data));
}

/** @param {Uint8Array} left @param {Uint8Array} right */
export function nodeHash(left, right) {
  return sha256(concat(NODE, left, right));
}

/**
 * The root over these leaf hashes.
 * @param {Iterable<Uint8Array>} leaves
 */
export function treeRoot(leaves) {
  /** @type {[height: number, hash: Uint8Array][]} complete subtrees, from the left, ever smaller */
  const heap = [];
  const join = () => {
    const [, right] = /** @type {[number, Uint8Array]} */ (heap.pop());
    const [height, left] = /** @type {[number, Uint8Array]} */ (heap.pop());
    heap.push([height + 1, nodeHash(left, right)]);
  };
  for (const leaf of leaves) {
    heap.push([0, leaf]);
    while (heap.length > 1 && heap.at(-1)?.[0] === heap.at(-2)?.[0]) join();
  }
  while (heap.length > 1) join();
  return heap[0]?.[1] ?? sha256(new Uint8Array());
}

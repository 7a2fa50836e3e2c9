/** Inclusion proofs of an RFC 6962 tree (section 2.1.1). */

import { sameBytes } from "../base/bytes.js";
import { nodeHash } from "./hashing.js";

export const MAX_SIZE = 2n ** 63n - 1n;

/** @param {bigint} value */
function bitLength(value) {
  return value === 0n ? 0 : value.toString(2).length;
}

/** @param {bigint} value */
function bitCount(value) {
  let count = 0;
  for (let rest = value; rest > 0n; rest >>= 1n) count += Number(rest & 1n);
  return count;
}

/**
 * Whether the leaf with this hash stands at `index` in the tree of `size` leaves with this root. How many hashes there
 * must be follows from the numbers alone.
 * @param {Uint8Array} leaf
 * @param {bigint} index
 * @param {bigint} size
 * @param {readonly Uint8Array[]} proof from the leaf up
 * @param {Uint8Array} root
 */
export function isIncluded(leaf, index, size, proof, root) {
  if (index < 0n || index >= size || size > MAX_SIZE) return false;
  // Above the level where the leaf's way to the root and the last leaf's meet, every sibling lies to the left.
  const inner = bitLength(index ^ (size - 1n));
  if (proof.length !== inner + bitCount(index >> BigInt(inner))) return false;
  let result = leaf;
  proof.forEach((sibling, level) => {
    const isRight = level >= inner || ((index >> BigInt(level)) & 1n) === 1n;
    result = isRight ? nodeHash(sibling, result) : nodeHash(result, sibling);
  });
  return sameBytes(result, root);
}

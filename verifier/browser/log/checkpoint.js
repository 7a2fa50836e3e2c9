/** Checkpoints (C2SP tlog-checkpoint), without extension lines (protocol, section 5). */

import { parseB64 } from "../base/base64.js";
import { Malformed } from "../base/errors.js";
import { HASH_SIZE } from "./hashing.js";
import { MAX_SIZE } from "./proofs.js";

const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/;

/**
 * The tree of `size` leaves of the log named `origin` has this `root`.
 * @typedef {{origin: string, size: bigint, root: Uint8Array}} Checkpoint
 */

/**
 * A number without sign or leading zeros, below 10^19.
 * @param {string} text
 */
export function parseDecimal(text) {
  if (!DECIMAL.test(text)) throw new Malformed("not a decimal number without sign or leading zeros");
  return BigInt(text);
}

/**
 * @param {string} text the text of a note
 * @returns {Checkpoint}
 */
export function parseCheckpoint(text) {
  const [origin = "", sizeText = "", rootText = "", end, ...more] = text.split("\n");
  if (end !== "" || more.length) throw new Malformed("a checkpoint is three lines: origin, size, root");
  if (!origin) throw new Malformed("the origin is empty", "origin");
  const size = parseDecimal(sizeText);
  if (size > MAX_SIZE) throw new Malformed("larger than 2^63 - 1", "size");
  return { origin, size, root: parseB64(rootText, HASH_SIZE) };
}

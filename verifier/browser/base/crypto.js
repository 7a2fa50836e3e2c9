/**
 * SHA-256, and Ed25519 as libsodium judges it (protocol, section 3.1): the answer is libsodium's on every input.
 *
 * Implementations of Ed25519 part on hostile input, so the equation is written out here over noble's arithmetic, and
 * noble's own `verify` is not called. WebCrypto never judges.
 */

import { edwards } from "@noble/curves/abstract/edwards.js";
import { sha256 as sha256Of, sha512 } from "@noble/hashes/sha2.js";

import { concat, parseHex, sameBytes, toHex } from "./bytes.js";

/** edwards25519 (RFC 8032, section 5.1), of which no more is needed here than its points. */
export const Point = edwards({
  p: 2n ** 255n - 19n,
  n: 2n ** 252n + 27742317777372353535851937790883648493n,
  h: 8n,
  a: 2n ** 255n - 20n,
  d: 37095705934669439343138083508754565189542113879843219016388785533085940283555n,
  Gx: 15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  Gy: 46316835694926478169428394003475163141307993866256225615783033603165251855960n,
});
const ORDER = Point.Fn.ORDER;

/**
 * Encodings of the points whose order divides 8, sign bit cleared: as libsodium lists them, those that are not
 * canonical included.
 */
const SMALL_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** @param {Uint8Array} data */
export function sha256(data) {
  return sha256Of(data);
}

/** SHA-256 of what comes in pieces: `update(piece)` for each, then `digest()`. */
export function sha256InPieces() {
  return sha256Of.create();
}

/** @param {Uint8Array} data little-endian */
function littleEndian(data) {
  let value = 0n;
  for (let i = data.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(data[i] ?? 0);
  return value;
}

/** @param {Uint8Array} encoded 32 bytes */
function hasSmallOrder(encoded) {
  const masked = encoded.slice();
  masked[31] = (masked[31] ?? 0) & 0x7f;
  return SMALL_ORDER.has(toHex(masked));
}

/** Points of keys that were seen, and how often: an evidence file has few signers and many signatures. */
const points = new Map();
const MAX_POINTS = 1024;

/** From the use of this number on a key has a table of its multiples, which takes as long to make as some five checks. */
const OFTEN = 8;
const MAX_TABLES = 64; // of some 400 KiB each
let tables = 0;

/**
 * @param {Uint8Array} publicKey 32 bytes
 * @returns {InstanceType<typeof Point> | null} null for what is not canonical, not on the curve, or of small order
 */
function pointOf(publicKey) {
  const name = toHex(publicKey);
  const known = points.get(name);
  if (known === undefined) return newPoint(name, publicKey);
  if (++known.uses === OFTEN && known.point !== null && tables < MAX_TABLES) {
    tables++;
    known.point.precompute();
  }
  return known.point;
}

/** @param {string} name @param {Uint8Array} publicKey */
function newPoint(name, publicKey) {
  let point = null;
  if (!hasSmallOrder(publicKey)) {
    try {
      point = Point.fromBytes(publicKey, false); // refuses y >= p
      if (point.toAffine().x === 0n) point = null;
    } catch {
      point = null;
    }
  }
  if (points.size >= MAX_POINTS) {
    points.clear();
    tables = 0;
  }
  points.set(name, { point, uses: 1 });
  return point;
}

/**
 * Whether `signature` (64 bytes) by `publicKey` (32 bytes) over `message` is good.
 * @param {Uint8Array} publicKey
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
export function verify(publicKey, message, signature) {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const encodedR = signature.subarray(0, 32), s = littleEndian(signature.subarray(32));
  if (s >= ORDER || hasSmallOrder(encodedR)) return false;
  const point = pointOf(publicKey);
  if (point === null) return false;
  const k = littleEndian(sha512(concat(encodedR, publicKey, message))) % ORDER;
  const found = Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k));
  return sameBytes(found.toBytes(), encodedR);
}

/** RFC 8032, section 7.1, test 2: key and signature over the byte 0x72. */
const KNOWN_KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const KNOWN_SIGNATURE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
const ROUNDS = 12; // engines make fast what they have run some times

/**
 * Tries a known signature, and the same with a bit turned, so that tables are made and code is compiled before the first
 * file comes. Throws where this engine does not calculate rightly.
 */
export function prepare() {
  const key = parseHex(KNOWN_KEY), good = parseHex(KNOWN_SIGNATURE), bad = good.slice();
  bad[0] = (bad[0] ?? 0) ^ 1;
  for (let round = 0; round < ROUNDS; round++) {
    const message = Uint8Array.of(0x72);
    if (!verify(key, message, good) || verify(key, message, bad)) throw new Error("this engine does not calculate rightly");
  }
}

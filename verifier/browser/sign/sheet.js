/**
 * The recovery key as it stands on paper: Crockford's base32 (no I, L, O, U), in fours, with 20 bits that tell a slip of the
 * pen. It is a key of its own, whose use the log shows to all; no copy of the signing key is on the sheet.
 */

import { concat, encodeUtf8 } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";
import { OpenKey, SEED_SIZE } from "./key.js";

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ALIKE = new Map([["O", "0"], ["I", "1"], ["L", "1"]]);
const SEED_DIGITS = Math.ceil((SEED_SIZE * 8) / 5), CHECK_DIGITS = 4;

/** Base32 of so many bits from the left. @param {Uint8Array} data @param {number} digits @param {string} [alphabet] */
export function base32(data, digits, alphabet = DIGITS) {
  let text = "", held = 0, bits = 0, at = 0;
  while (text.length < digits) {
    if (bits < 5) {
      held = ((held & 31) << 8) | (data[at++] ?? 0);
      bits += 8;
    }
    text += alphabet[(held >> (bits -= 5)) & 31];
  }
  return text;
}

/** @param {Uint8Array} seed */
const checkOf = (seed) => base32(sha256(concat(encodeUtf8("kembar/sheet\n"), seed)), CHECK_DIGITS);

/** @param {Uint8Array} seed @returns {string} 14 groups of four */
export function writeSheet(seed) {
  return ((base32(seed, SEED_DIGITS) + checkOf(seed)).match(/.{4}/g) ?? []).join(" ");
}

/** The recovery key on a sheet, however it was spaced; {@link Malformed} where something is written wrongly. @param {string} written @returns {OpenKey} */
export function readSheet(written) {
  const digits = [...written.toUpperCase().replace(/[\s-]/g, "")].map((one) => DIGITS.indexOf(ALIKE.get(one) ?? one));
  if (digits.length !== SEED_DIGITS + CHECK_DIGITS || digits.includes(-1)) throw new Malformed("not 56 letters and digits", "sheet");
  const seed = new Uint8Array(SEED_SIZE);
  let held = 0, bits = 0, at = 0;
  for (const digit of digits.slice(0, SEED_DIGITS)) {
    held = ((held & 255) << 5) | digit;
    bits += 5;
    if (bits >= 8 && at < SEED_SIZE) seed[at++] = (held >> (bits -= 8)) & 255;
  }
  const written4 = digits.slice(SEED_DIGITS).map((digit) => DIGITS[digit]).join("");
  if (checkOf(seed) !== written4 || base32(seed, SEED_DIGITS) !== digits.slice(0, SEED_DIGITS).map((digit) => DIGITS[digit]).join("")) throw new Malformed("a slip of the pen", "sheet");
  return new OpenKey(seed);
}

const RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A key's fingerprint, as a person reads it out to her registrar. @param {Uint8Array} publicKey */
export function fingerprintOf(publicKey) {
  return (base32(sha256(concat(encodeUtf8("kembar/fingerprint\n"), publicKey)), 12, RFC4648).match(/.{4}/g) ?? []).join("-");
}

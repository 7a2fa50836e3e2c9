/** Base64 in its two alphabets, each value spelt one way (RFC 4648, sections 4 and 5; protocol, section 2). */

import { Malformed } from "./errors.js";

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = STANDARD.slice(0, 62) + "-_";

/** @param {string} alphabet */
function digitsOf(alphabet) {
  const digits = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) digits[alphabet.charCodeAt(i)] = i;
  return digits;
}

const STANDARD_DIGITS = digitsOf(STANDARD);
const URL_SAFE_DIGITS = digitsOf(URL_SAFE);

/**
 * @param {string} text without padding
 * @param {Int8Array} digits
 * @param {string} what for the error
 */
function decode(text, digits, what) {
  const rest = text.length % 4;
  if (rest === 1) throw new Malformed(what);
  const data = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0, held = 0, at = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const digit = code < 128 ? digits[code] : -1;
    if (digit === undefined || digit < 0) throw new Malformed(what);
    bits = (bits << 6) | digit;
    held += 6;
    if (held >= 8) {
      held -= 8;
      data[at++] = (bits >> held) & 255;
      bits &= (1 << held) - 1;
    }
  }
  if (bits !== 0) throw new Malformed("base64 with spare bits set");
  return data;
}

/**
 * @param {Uint8Array} data
 * @param {string} alphabet
 */
function encode(data, alphabet) {
  let text = "";
  for (let i = 0; i < data.length; i += 3) {
    const a = data[i] ?? 0, b = data[i + 1] ?? 0, c = data[i + 2] ?? 0;
    const group = (a << 16) | (b << 8) | c;
    const digits = Math.min(3, data.length - i) + 1;
    for (let j = 0; j < digits; j++) text += alphabet[(group >> (18 - 6 * j)) & 63];
  }
  return text;
}

/** @param {Uint8Array} data @param {number | undefined} length */
function ofLength(data, length) {
  if (length !== undefined && data.length !== length) {
    throw new Malformed(`must hold ${length} bytes, holds ${data.length}`);
  }
  return data;
}

/**
 * With padding and without spare bits; `length` is in bytes.
 * @param {string} text
 * @param {number} [length]
 */
export function parseB64(text, length) {
  if (text.length % 4) throw new Malformed("not base64 with padding");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return ofLength(decode(text.slice(0, text.length - padding), STANDARD_DIGITS, "not base64 with padding"), length);
}

/** @param {Uint8Array} data */
export function formatB64(data) {
  const text = encode(data, STANDARD);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/**
 * Without padding and without spare bits; `length` is in bytes.
 * @param {string} text
 * @param {number} [length]
 */
export function parseB64u(text, length) {
  return ofLength(decode(text, URL_SAFE_DIGITS, "not unpadded base64url"), length);
}

/** @param {Uint8Array} data */
export function formatB64u(data) {
  return encode(data, URL_SAFE);
}

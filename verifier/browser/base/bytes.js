/** Bytes: hex, UTF-8, order. Every text has exactly one spelling, and no other is read (protocol, section 2). */

import { Malformed } from "./errors.js";

const HEX = /^(?:[0-9a-f]{2})*$/;
const ENCODER = new TextEncoder();

/** @param {string} text */
export function encodeUtf8(text) {
  return ENCODER.encode(text);
}

/**
 * Strict UTF-8; a byte order mark is a character like others, and so refused where none is allowed.
 * @param {Uint8Array} data
 */
export function decodeUtf8(data) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

/** @param {Uint8Array} data */
export function toHex(data) {
  let text = "";
  for (const byte of data) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}

/**
 * Lower-case hex; `length` is in bytes.
 * @param {string} text
 * @param {number} [length]
 */
export function parseHex(text, length) {
  if (!HEX.test(text)) throw new Malformed("not lower-case hex");
  if (length !== undefined && text.length !== 2 * length) throw new Malformed(`must be ${2 * length} hex digits`);
  const data = new Uint8Array(text.length / 2);
  for (let i = 0; i < data.length; i++) data[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return data;
}

/** @param {string} text */
export function isHex64(text) {
  return text.length === 64 && HEX.test(text);
}

/** @param {...Uint8Array} parts */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} one @param {Uint8Array} other */
export function sameBytes(one, other) {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/**
 * The order of two texts by their UTF-8 bytes, which is that of their code points (JavaScript's own is of UTF-16).
 * @param {string} one
 * @param {string} other
 * @returns {number} below, at or above 0
 */
export function compareText(one, other) {
  const shorter = Math.min(one.length, other.length);
  for (let i = 0; i < shorter; i++) {
    const a = one.charCodeAt(i), b = other.charCodeAt(i);
    if (a === b) continue;
    // Code units of surrogate pairs stand for code points beyond all others.
    const aPair = a >= 0xd800 && a <= 0xdfff, bPair = b >= 0xd800 && b <= 0xdfff;
    return aPair === bPair ? a - b : aPair ? 1 : -1;
  }
  return one.length - other.length;
}

/**
 * How many code points a text has.
 * @param {string} text
 */
export function codePoints(text) {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) i++; // texts are decoded from UTF-8: the other half follows
  }
  return count;
}

/**
 * An unsigned big-endian integer of `size` bytes.
 * @param {bigint} value
 * @param {number} size
 */
export function bigEndian(value, size) {
  const data = new Uint8Array(size);
  for (let i = size - 1, rest = value; i >= 0; i--, rest >>= 8n) data[i] = Number(rest & 255n);
  return data;
}

/** @param {Uint8Array} data */
export function readBigEndian(data) {
  let value = 0n;
  for (const byte of data) value = (value << 8n) | BigInt(byte);
  return value;
}

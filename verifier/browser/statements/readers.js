/**
 * Readers of single members: canonical JSON in, a checked value out, Malformed with its place otherwise.
 *
 * What relates members to one another is left to the rules, but for which members may stand together.
 */

import { parseB64, parseB64u } from "../base/base64.js";
import { codePoints, compareText, isHex64 } from "../base/bytes.js";
import { Malformed, within } from "../base/errors.js";
import { parseInstant } from "../base/instant.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 */
/**
 * @template T
 * @typedef {(value: Json) => T} Reader
 */
/**
 * @typedef {{[name: string]: Reader<any>}} Members
 */
/**
 * An object that was read: members without a default are there, others perhaps.
 * @template {Members} R
 * @template {Members} O
 * @typedef {{[K in keyof R]: ReturnType<R[K]>} & {[K in keyof O]?: ReturnType<O[K]>}} Read
 */

const CODE = /^[a-z0-9][a-z0-9_-]*$/;
const COUNTRY = /^[A-Z]{2}$/;
const CURRENCY = /^[A-Z]{3}$/;
const LINE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

/** @type {Reader<string>} any string but the empty one, as sections hold it */
export function text(value) {
  if (typeof value !== "string" || value === "") throw new Malformed("must be a string that is not empty");
  return value;
}

/**
 * @param {number} low @param {number} high code points
 * @returns {Reader<string>}
 */
export function textOf(low, high) {
  return (value) => {
    const read = text(value), length = codePoints(read);
    if (length < low || length > high) throw new Malformed(`has ${length} code points, ${low} to ${high} are allowed`);
    return read;
  };
}

/**
 * A string outside sections: ASCII 0x20 to 0x7E without " and \.
 * @param {number} high characters
 * @returns {Reader<string>}
 */
export function lineOf(high) {
  return (value) => {
    const read = text(value);
    if (read.length > high || !LINE.test(read)) throw new Malformed(`must be at most ${high} of ASCII 0x20 to 0x7E without " and \\`);
    return read;
  };
}

/**
 * @param {RegExp} pattern of the whole string
 * @param {number} high characters
 * @param {string} what
 * @returns {Reader<string>}
 */
export function matching(pattern, high, what) {
  return (value) => {
    if (typeof value !== "string" || value.length > high || !pattern.test(value)) throw new Malformed(`must be ${what}`);
    return value;
  };
}

/**
 * One of a closed list.
 * @template {string} W
 * @param {...W} allowed
 * @returns {Reader<W>}
 */
export function choice(...allowed) {
  const known = new Set(/** @type {string[]} */ (allowed));
  return (value) => {
    if (typeof value !== "string" || !known.has(value)) throw new Malformed(`must be one of ${allowed.join(", ")}`);
    return /** @type {W} */ (value);
  };
}

/**
 * @param {number} [low] @param {number} [high]
 * @returns {Reader<bigint>} for sums are made of BigInt
 */
export function integer(low = 0, high = Number.MAX_SAFE_INTEGER) {
  return (value) => {
    if (typeof value !== "number" || value < low || value > high) throw new Malformed(`must be an integer of ${low} to ${high}`);
    return BigInt(value);
  };
}

/** @type {Reader<boolean>} */
export function flag(value) {
  if (typeof value !== "boolean") throw new Malformed("must be true or false");
  return value;
}

/** @type {Reader<bigint>} POSIX seconds */
export function instant(value) {
  if (typeof value !== "string") throw new Malformed("must be an instant like 2026-11-23T18:05:15Z");
  return parseInstant(value);
}

/** @type {Reader<string>} an id, a key or the digest of a file */
export function hex64(value) {
  if (typeof value !== "string" || !isHex64(value)) throw new Malformed("must be 64 lower-case hex digits");
  return value;
}

/** @param {number} size @returns {Reader<Uint8Array>} */
export function b64Of(size) {
  return (value) => parseB64(text(value), size);
}

/** @param {number} size @returns {Reader<string>} kept as the text that it was written in */
export function b64uOf(size) {
  return (value) => {
    parseB64u(text(value), size);
    return /** @type {string} */ (value);
  };
}

/**
 * @template T
 * @param {Reader<T>} read
 * @param {number} low
 * @param {number} [high]
 * @returns {Reader<T[]>}
 */
export function arrayOf(read, low, high = Infinity) {
  return (value) => {
    if (!Array.isArray(value)) throw new Malformed("must be an array");
    if (value.length < low || value.length > high) throw new Malformed(`has ${value.length} items, ${low} to ${high} are allowed`);
    return value.map((item, place) => within(`[${place}]`, () => read(item)));
  };
}

/**
 * Strings in strictly rising byte order, at least one.
 * @template {string} S
 * @param {Reader<S>} read
 * @param {number} [high]
 * @returns {Reader<S[]>}
 */
export function setOf(read, high) {
  const readArray = arrayOf(read, 1, high);
  return (value) => {
    const items = readArray(value);
    for (let i = 1; i < items.length; i++) {
      if (compareText(/** @type {string} */ (items[i - 1]), /** @type {string} */ (items[i])) >= 0) {
        throw new Malformed("must rise strictly in byte order", `[${i}]`);
      }
    }
    return items;
  };
}

/**
 * An object with these members and no others, never empty.
 * @template {Members} R
 * @template {Members} O
 * @param {R} required
 * @param {O} optional
 * @returns {Reader<Read<R, O>>}
 */
export function record(required, optional) {
  const readers = new Map(Object.entries({ ...required, ...optional }));
  const needed = Object.keys(required);
  return (value) => {
    if (!(value instanceof Map)) throw new Malformed("must be an object");
    if (!value.size) throw new Malformed("is empty; a member that does not apply is left out");
    /** @type {Record<string, unknown>} */
    const found = Object.create(null);
    for (const [name, item] of value) {
      const read = readers.get(name);
      if (!read) throw new Malformed("unknown member", name);
      found[name] = within(name, () => read(item));
    }
    for (const name of needed) if (!value.has(name)) throw new Malformed("is missing", name);
    return /** @type {Read<R, O>} */ (found);
  };
}

export const code = matching(CODE, 64, "a code [a-z0-9][a-z0-9_-]* of at most 64 characters");
export const codes = setOf(code);
export const country = matching(COUNTRY, 2, "two capital letters (ISO 3166-1 alpha-2)");
export const countries = setOf(country);
export const currency = matching(CURRENCY, 3, "three capital letters (ISO 4217)");
export const ids = setOf(hex64, 512);
export const keys = setOf(hex64, 8);

/** @type {Reader<string[]>} a set of countries, or ["WORLD"] */
export function territory(value) {
  return Array.isArray(value) && value.length === 1 && value[0] === "WORLD" ? ["WORLD"] : countries(value);
}

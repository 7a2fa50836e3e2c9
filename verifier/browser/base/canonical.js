/**
 * Canonical JSON: the one spelling of every value that the protocol writes (protocol, section 2).
 *
 * The reader knows that spelling and no other, so nothing has to be written back and compared.
 */

import { decodeUtf8, encodeUtf8 } from "./bytes.js";
import { Malformed } from "./errors.js";

/**
 * Objects are Maps, integers are numbers that are exact (sums of them are made of BigInt).
 * @typedef {string | number | boolean | Json[] | JsonObject} Json
 * @typedef {Map<string, Json>} JsonObject
 */

export const MAX_INTEGER = 2n ** 53n - 1n;
const MAX_DEPTH = 16;
const MAX_NAME = 40;
const MAX_MEMBERS = 100; // of an object of which some were dropped
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const SHORT_ESCAPES = new Map([["\"", "\""], ["\\", "\\"], ["b", "\b"], ["t", "\t"], ["n", "\n"], ["f", "\f"], ["r", "\r"]]);
const SHORT_WRITTEN = new Map(Array.from(SHORT_ESCAPES, ([letter, meant]) => [meant, "\\" + letter]));
const WRITTEN_AS_HEX = /^[0-9a-f]{4}$/;

/**
 * How much of a text is kept, so that no text fills a device's memory: a value weighs 1, an array or object 4. What is
 * beyond is read as strictly, and null stands in its place, which no form takes. What members of the name `apart` hold
 * weighs apart: `each` of them, and all in all.
 * @typedef {{whole: number, apart: string, each: number, all: number}} Bounds
 */

/** For texts that are short. @type {Bounds} */
const UNBOUNDED = { whole: Infinity, apart: "", each: Infinity, all: Infinity };
const DROPPED = /** @type {any} */ (null);

class Reader {
  /** @param {string} text @param {Bounds} bounds */
  constructor(text, bounds) {
    this.text = text;
    this.at = 0;
    this.bounds = bounds;
    this.whole = bounds.whole;
    this.all = bounds.all;
    /** What is left for the member that is read apart; null while none is. @type {number | null} */
    this.each = null;
  }

  /** Whether a value of this weight is still kept. @param {number} weight */
  isKept(weight) {
    if (this.each === null) return (this.whole -= weight) >= 0;
    this.each -= weight;
    this.all -= weight;
    return this.each >= 0 && this.all >= 0;
  }

  /** @param {number} depth @returns {Json} */
  apart(depth) {
    this.each = this.bounds.each;
    const value = this.value(depth);
    this.each = null;
    return value;
  }

  /**
   * @param {string} message
   * @returns {never}
   */
  refuse(message) {
    throw new Malformed(`${message}, at character ${this.at}`);
  }

  /** @param {string} word */
  take(word) {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** @param {number} depth how many levels are left, this one included @returns {Json} */
  value(depth) {
    const first = this.text[this.at];
    if (first === "{") return this.object(depth, this.isKept(4));
    if (first === "[") return this.array(depth, this.isKept(4));
    const value = this.scalar(first);
    return this.isKept(1) ? value : DROPPED;
  }

  /** @param {string | undefined} first */
  scalar(first) {
    switch (first) {
      case "\"": return this.string();
      case "t": if (this.take("true")) return true; break;
      case "f": if (this.take("false")) return false; break;
      default: if (first === "-" || (first !== undefined && first >= "0" && first <= "9")) return this.integer();
    }
    return this.refuse("not canonical JSON");
  }

  /** @param {number} depth */
  deeper(depth) {
    if (depth === 1) this.refuse(`nested deeper than ${MAX_DEPTH}`);
    return depth - 1;
  }

  /** @param {number} depth @param {boolean} isKept @returns {JsonObject} */
  object(depth, isKept) {
    this.at++;
    /** @type {JsonObject} */
    const members = isKept ? new Map() : DROPPED;
    if (this.take("}")) return members;
    const below = this.deeper(depth);
    for (let last = ""; ;) {
      if (this.text[this.at] !== "\"") this.refuse("a member's name is missing");
      const name = this.string();
      if (name.length > MAX_NAME || !NAME.test(name)) this.refuse("a member's name is not [A-Za-z][A-Za-z0-9_]* of at most 40");
      if (name <= last) this.refuse("members are not in order, or one comes twice");
      last = name;
      if (!this.take(":")) this.refuse("a colon is missing");
      const value = name === this.bounds.apart && this.each === null ? this.apart(below) : this.value(below);
      if (isKept && (value !== DROPPED || members.size <= MAX_MEMBERS)) members.set(name, value);
      if (this.take("}")) return members;
      if (!this.take(",")) this.refuse("an object does not end");
    }
  }

  /** @param {number} depth @param {boolean} isKept @returns {Json[]} */
  array(depth, isKept) {
    this.at++;
    /** @type {Json[]} */
    const items = isKept ? [] : DROPPED;
    if (this.take("]")) return items;
    const below = this.deeper(depth);
    for (;;) {
      const item = this.value(below);
      if (isKept && (item !== DROPPED || items.at(-1) !== DROPPED)) items.push(item); // one that is dropped says enough
      if (this.take("]")) return items;
      if (!this.take(",")) this.refuse("an array does not end");
    }
  }

  string() {
    this.at++;
    let text = "";
    for (let start = this.at; ; this.at++) {
      const unit = this.text.charCodeAt(this.at);
      if (unit === 0x22) {
        text += this.text.slice(start, this.at);
        this.at++;
        return text;
      }
      if (unit === 0x5c) {
        text += this.text.slice(start, this.at) + this.escape();
        start = this.at + 1;
      } else if (!(unit >= 0x20)) {
        this.refuse("a string does not end, or holds a control character"); // NaN, at the end of the text, too
      }
    }
  }

  /** An escape, whose last character the caller steps over. Only that is escaped which has to be. */
  escape() {
    const letter = this.text[++this.at] ?? "";
    const short = SHORT_ESCAPES.get(letter);
    if (short !== undefined) return short;
    const digits = this.text.slice(this.at + 1, this.at + 5);
    if (letter !== "u" || !WRITTEN_AS_HEX.test(digits)) this.refuse("an escape that is not canonical");
    const character = String.fromCharCode(parseInt(digits, 16));
    if (character >= " " || SHORT_WRITTEN.has(character)) this.refuse("an escape that is not canonical");
    this.at += 4;
    return character;
  }

  integer() {
    const start = this.at;
    if (this.text[this.at] === "-") this.at++;
    const digits = this.at;
    while (this.at - digits <= 16) {
      const unit = this.text.charCodeAt(this.at);
      if (!(unit >= 0x30 && unit <= 0x39)) break;
      this.at++;
    }
    const text = this.text.slice(start, this.at), length = this.at - digits;
    const zero = this.text[digits] === "0";
    if (length === 0 || length > 16 || (zero && text !== "0")) this.refuse("not a canonical integer");
    const value = BigInt(text);
    if (value > MAX_INTEGER || value < -MAX_INTEGER) this.refuse("an integer beyond 2^53 - 1");
    return Number(value);
  }
}

/**
 * One canonical JSON text of at most `limit` bytes; else {@link Malformed}.
 * @param {Uint8Array} data
 * @param {number} limit
 * @param {Bounds} [bounds]
 * @returns {Json}
 */
export function parse(data, limit, bounds = UNBOUNDED) {
  if (data.length > limit) throw new Malformed(`${data.length} bytes, at most ${limit} are allowed`);
  const reader = new Reader(decodeUtf8(data), bounds);
  const value = reader.value(MAX_DEPTH);
  if (reader.at !== reader.text.length) reader.refuse("more than one value");
  return value;
}

/** @param {string} text */
function writeString(text) {
  let written = "\"";
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? "";
    if (character === "\"" || character === "\\" || character < " ") {
      written += SHORT_WRITTEN.get(character) ?? "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
    } else {
      written += character;
    }
  }
  return written + "\"";
}

/** @param {Json} value @returns {string} */
function write(value) {
  if (typeof value === "string") return writeString(value);
  if (Array.isArray(value)) return "[" + value.map(write).join(",") + "]";
  if (value instanceof Map) {
    const names = [...value.keys()].sort(); // names are ASCII: their order is that of their bytes
    return "{" + names.map((name) => `${writeString(name)}:${write(/** @type {Json} */ (value.get(name)))}`).join(",") + "}";
  }
  return String(value);
}

/**
 * The canonical bytes of a value.
 * @param {Json} value
 */
export function encode(value) {
  return encodeUtf8(write(value));
}

/**
 * An object as {@link encode} takes it; members that are undefined are left out.
 * @param {{[name: string]: Json | undefined}} members
 * @returns {JsonObject}
 */
export function object(members) {
  /** @type {JsonObject} */
  const made = new Map();
  for (const [name, member] of Object.entries(members)) if (member !== undefined) made.set(name, member);
  return made;
}

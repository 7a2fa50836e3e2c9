/**
 * A catalogue of words: one language's sentences by their ids, and how it writes numbers, amounts and times.
 *
 * It is the kernel's own catalogue, verifier/words/LANGUAGE.json, or a part of it. What engines write in their own way, as
 * Intl does, is not asked: the same sentence comes out everywhere.
 */

import { EXPONENTS } from "../base/currencies.js";
import { civilFromDays, DAY, floorDivide } from "../base/instant.js";

/**
 * @typedef {string | {readonly [form: string]: string}} Template
 * @typedef {{readonly [id: string]: Template | readonly string[]}} Sentences a catalogue's JSON
 * @typedef {{readonly [name: string]: string | number | bigint}} Values
 * @typedef {{offset: bigint, name: string}} Zone seconds that it is ahead of UTC, and what it is called
 */

const PLACE = /\{([a-z_]+)\}/g;
const MAX_LISTED = 10;
/** @type {Zone} */
export const UTC = { offset: 0n, name: "UTC" };

export class Catalogue {
  /** @param {Sentences} sentences */
  constructor(sentences) {
    this.templates = new Map(Object.entries(sentences));
    const text = (/** @type {string} */ id) => /** @type {string} */ (sentences[id]);
    this.language = text("@language");
    this.name = text("@name");
    this.group = text("@group");
    this.decimal = text("@decimal");
    this.and = text("@and");
    this.months = /** @type {readonly string[]} */ (sentences["@months"]);
    /** @type {[string, (n: bigint) => boolean][]} */
    this.plural = Object.entries(/** @type {{[form: string]: string}} */ (sentences["@plural"])).map(([form, text]) => [form, rule(text)]);
  }

  /** @param {string} id */
  has(id) {
    return this.templates.has(id);
  }

  /** The sentence; whole numbers are written as people write them. @param {string} id @param {Values} [values] */
  say(id, values = {}) {
    return this.filled(this.template(id, values), values);
  }

  /** @param {string} id @param {Values} values */
  template(id, values) {
    const found = /** @type {Template | undefined} */ (this.templates.get(id));
    if (found === undefined) throw new Error(`no sentence ${id}`);
    return typeof found === "string" ? found : found[this.form(BigInt(values.n ?? 0))] ?? "";
  }

  /**
   * The sentence in pieces, for whoever shows some of its values otherwise than as text: what stands between them, and they.
   * @template T
   * @param {string} id
   * @param {{readonly [name: string]: string | number | bigint | T}} values
   * @returns {(string | T)[]}
   */
  parts(id, values) {
    const pieces = this.template(id, /** @type {Values} */ (values)).split(PLACE);
    return pieces.map((piece, place) => {
      if (place % 2 === 0) return piece;
      const value = values[piece];
      if (value === undefined) throw new Error(`no value for {${piece}} in ${id}`);
      return typeof value === "number" || typeof value === "bigint" ? this.number(value) : value;
    });
  }

  /** What a code of an open list is called, or the code itself where it has no word. @param {string} family @param {string} code */
  code(family, code) {
    return this.has(`${family}.${code}`) ? this.say(`${family}.${code}`) : code;
  }

  /** As in `1,234`. @param {number | bigint} n */
  number(n) {
    const digits = String(n).replace("-", ""), parts = [];
    for (let end = digits.length; end > 0; end -= 3) parts.unshift(digits.slice(Math.max(0, end - 3), end));
    return (n < 0 ? "-" : "") + parts.join(this.group);
  }

  /** Minor units as in `EUR 1,234.50`. @param {number | bigint} amount @param {string | null | undefined} currency */
  money(amount, currency) {
    if (currency === null || currency === undefined) return this.say("money.units", { n: amount });
    if (!EXPONENTS.has(currency)) return this.say("money.units_of", { n: amount, currency });
    return `${currency} ${this.figures(amount, currency)}`;
  }

  /** An amount without its currency, as in a column that names it. @param {number | bigint} amount @param {string | null | undefined} currency */
  figures(amount, currency) {
    const exponent = EXPONENTS.get(currency ?? "") ?? 0, size = 10n ** BigInt(exponent);
    const whole = BigInt(amount), above = whole < 0n ? -whole : whole;
    const rest = exponent ? this.decimal + String(above % size).padStart(exponent, "0") : "";
    return (whole < 0n ? "-" : "") + this.number(above / size) + rest;
  }

  /** Date, time to the second, and zone. @param {bigint} instant @param {Zone} [zone] */
  moment(instant, zone = UTC) {
    return this.time("@moment", instant, zone);
  }

  /** The day alone. @param {bigint} instant @param {Zone} [zone] */
  date(instant, zone = UTC) {
    return this.time("@date", instant, zone);
  }

  /** As in "3, 5 and 8"; of more than `limit`, the first and how many more. @param {Iterable<string>} items @param {number} [limit] */
  listed(items, limit = MAX_LISTED) {
    const found = [...items];
    if (found.length > limit) {
      return this.say("list.more", { items: found.slice(0, limit).join(", "), n: found.length - limit });
    }
    const last = found.pop();
    return last === undefined ? "" : found.length ? found.join(", ") + this.and + last : last;
  }

  /** @param {bigint} n */
  form(n) {
    return this.plural.find(([, holds]) => holds(n < 0n ? -n : n))?.[0] ?? "other";
  }

  /** @param {string} template @param {Values} values */
  filled(template, values) {
    return template.replace(PLACE, (_, name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`no value for {${name}} in ${template}`);
      return typeof value === "string" ? value : this.number(value);
    });
  }

  /** @param {string} id of the form @param {bigint} instant @param {Zone} zone */
  time(id, instant, { offset, name }) {
    const local = instant + offset, days = floorDivide(local, DAY), rest = Number(local - days * DAY);
    const [year, month, day] = civilFromDays(Number(days));
    const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
    return this.filled(/** @type {string} */ (this.templates.get(id)), {
      year: String(year).padStart(4, "0"), month: two(month), month_name: this.months[month - 1] ?? "", day: two(day), day_number: String(day),
      hour: two(Math.floor(rest / 3600)), minute: two(Math.floor(rest / 60) % 60), second: two(rest % 60), zone: name,
    });
  }
}

/** `text` as it begins a sentence; only ASCII changes. @param {string} text */
export function capital(text) {
  return text[0] !== undefined && text[0] >= "a" && text[0] <= "z" ? text[0].toUpperCase() + text.slice(1) : text;
}

/** A plural rule (UTS #35, part 3) as a function of a whole number that is not negative. @param {string} text @returns {(n: bigint) => boolean} */
function rule(text) {
  const ways = text.split(" or ").map((way) => way.split(" and ").map(relation));
  return (n) => ways.some((way) => way.every((holds) => holds(n)));
}

/** @param {string} text @returns {(n: bigint) => boolean} */
function relation(text) {
  const [left = "", right = ""] = text.split(/ !?= /), isEqual = !text.includes("!=");
  const modulus = left.startsWith("n % ") ? BigInt(left.slice(4)) : 0n;
  const spans = right.split(",").map((span) => span.split("..").map(BigInt));
  return (n) => {
    const rest = modulus ? n % modulus : n;
    return spans.some(([first = 0n, last = first]) => first <= rest && rest <= last) === isEqual;
  };
}

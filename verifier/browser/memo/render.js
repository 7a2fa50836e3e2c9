/**
 * The deal memo: what a consent's terms say, in plain words, for the model to read before she signs. The bytes are those
 * that `registry draft` makes, so that `terms.memo` is their SHA-256 whoever made them (protocol, section 4.4).
 */

import { codePoints, encodeUtf8 } from "../base/bytes.js";
import { Malformed } from "../base/errors.js";
import { civilFromDays, DAY } from "../base/instant.js";
import { flat } from "../base/printable.js";
import { PASS_ON_DAYS } from "../rules/money/allocation.js";
import { CATEGORIES } from "../statements/categories.js";
import { capital } from "../words/catalogue.js";
import { feeWords, percent, spanWords } from "./fees.js";
import { TEMPLATES } from "./templates.js";

/**
 * @typedef {import("../words/catalogue.js").Catalogue} Catalogue
 * @typedef {import("../statements/types.js").StatementOf<"consent">} Consent
 * @typedef {import("../statements/sections.js").ConsentMoney} ConsentMoney
 * @typedef {ReturnType<typeof helpers>} Helpers
 * @typedef {{terms?: any, money?: ConsentMoney | undefined, exclusive?: import("../statements/sections.js").Exclusive | undefined}} Sections
 */

const WIDTH = 100;
const WHOLE = 10_000n; // basis points
const DATED = ["every", "on"];
const UNITS = /** @type {const} */ ([["day", 86_400n], ["hour", 3_600n], ["minute", 60n], ["second", 1n]]);
/** What terms mean that leave a member out. */
const OF_USE = { placements: ["creator", "organic", "owned", "paid"], derivatives: "none", training: "none", label: "none", pay_first: "none" };

/**
 * @param {Consent} consent
 * @param {Sections} sections opened ones
 * @param {Catalogue} words
 * @returns {Uint8Array} UTF-8
 */
export function renderMemo(consent, sections, words) {
  return encodeUtf8(`${wrapped(unbrokenMemo(consent, sections, words)).replace(/\n+$/, "")}\n`);
}

/**
 * The memo with each sentence on one line, for a screen that breaks lines itself.
 * @param {Consent} consent
 * @param {Sections} sections opened ones
 * @param {Catalogue} words
 * @returns {string}
 */
export function unbrokenMemo(consent, { terms, money, exclusive }, words) {
  if (!terms || (consent.act === "use" && !money)) throw new Malformed("a deal memo is made from a consent, with its terms and, of a use, its money");
  const h = helpers(words), template = TEMPLATES[consent.act === "use" ? words.language : `create.${words.language}`];
  if (!template) throw new Malformed(`no memo is written in ${words.name}`);
  const whole = consent.act === "use" ? { ...OF_USE, ...terms } : { training: "none", ...terms };
  const it = { consent: { ...consent, parties: consent.parties ?? {} }, terms: whole, exclusive: consent.act === "use" ? exclusive : undefined, ...(money ? paid(consent, terms, money, h, words) : {}) };
  return template(it, h);
}

/** What a template tells of money. @param {Consent} consent @param {{starts: bigint}} terms @param {ConsentMoney} money @param {Helpers} h @param {Catalogue} words */
function paid(consent, terms, money, h, words) {
  const owed = new Set(money.fees.filter(({ per }) => per === "flat").map((fee) => fee.owed));
  const deal = { currency: money.currency, starts: terms.starts, isOption: consent.exercise_by !== undefined };
  return {
    money, fees: money.fees.map((fee) => feeWords(fee, deal, h, words)), shares: shares(money, h, words),
    flat: owed.size > 0, signed: owed.has("signed"), rata: money.fees.some((fee) => fee.rata),
    dated: DATED.some((one) => owed.has(/** @type {"on"} */ (one))), unused: [...owed].some((one) => one !== undefined && one !== "use"),
  };
}

/** What templates call. @param {Catalogue} words */
export function helpers(words) {
  const name = (/** @type {string} */ kind, /** @type {string} */ code) => words.code(`memo.${kind}`, code);
  const listed = (/** @type {readonly string[]} */ items) => {
    if (items.length > 1 && items.some((item) => item.includes(words.and))) return items.join("; ");
    const last = items.at(-1) ?? "", first = items.slice(0, -1);
    return first.length ? `${first.join(", ")}${first.length > 1 ? "," : ""}${words.and}${last}` : last;
  };
  const countries = (/** @type {readonly string[]} */ codes) => listed(codes.map((code) => (code === "WORLD" ? words.say("memo.world") : words.code("country", code))));
  const instant = (/** @type {bigint} */ at) => {
    const [year, month, day] = civilFromDays(Number(at / DAY)), rest = Number(at % DAY);
    const two = (/** @type {number} */ part) => String(part).padStart(2, "0"), seconds = rest % 60;
    const clock = ` ${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}${seconds ? `:${two(seconds)}` : ""}`;
    return `${day} ${words.months[month - 1]} ${year}${rest ? clock : ""} (UTC)`;
  };
  return {
    listed, countries, instant, flat, sentence: capital,
    words: (/** @type {string} */ kind, /** @type {readonly string[]} */ codes) => (kind === "countries" ? countries(codes) : listed(codes.map((code) => name(kind, code)))),
    categories: (/** @type {readonly string[]} */ codes) => listed(codes.map((code) => (code === "all" ? words.say("memo.all_products") : CATEGORIES.get(code)?.name ?? code))),
    caps: (/** @type {{[unit: string]: bigint}} */ caps) => listed(Object.keys(caps).sort().map((unit) => words.say(`memo.cap.${unit}`, { n: caps[unit] ?? 0n }))),
    duration: (/** @type {bigint} */ seconds) => {
      const [unit, size] = UNITS.find(([, of]) => seconds % of === 0n && (seconds >= of || of === 1n)) ?? UNITS[3];
      return words.say(`memo.unit.${unit}`, { n: seconds / size });
    },
    span: (/** @type {{months?: bigint, days?: bigint}} */ term) => spanWords(term, words),
    language: (/** @type {string} */ tag) => {
      const lower = tag.toLowerCase(), primary = lower.split("-")[0] ?? "", known = words.code("language", primary);
      return known === primary ? tag : lower === primary ? known : `${known} (${tag})`;
    },
    join: (/** @type {readonly string[]} */ items, /** @type {string} */ between) => items.join(between),
    text: (/** @type {unknown} */ value) => String(value),
    pick: (/** @type {{[value: string]: string}} */ words, /** @type {string} */ value) => words[value],
    same: (/** @type {unknown} */ one, /** @type {unknown} */ other) => String(one) === String(other),
    /** Whether a value counts as true in a template: there, and neither empty nor 0. */
    holds: (/** @type {any} */ value) => Boolean(value) && !(Array.isArray(value) && !value.length) && !(Object.getPrototypeOf(value) === Object.prototype && !Object.keys(value).length),
  };
}

/** @param {ConsentMoney} money @param {Helpers} h @param {Catalogue} words */
function shares({ splits }, h, words) {
  const total = splits.reduce((sum, { parts }) => sum + parts, 0n);
  return splits.map(({ kind, parts, via, payee, gross_bp: gross = WHOLE }) => {
    const who = h.words("kind", [kind]), share = percent(parts, total, words);
    return words.say("memo.parts", { parts, total, share, who }) + (via === undefined ? "" : words.say("memo.via", { days: PASS_ON_DAYS }))
      + (gross === WHOLE ? "" : words.say("memo.gross", { gross, whole: WHOLE })) + `: ${payee}`;
  });
}

/** Lines of at most so many code points, each going on under its own beginning. @param {string} text */
function wrapped(text) {
  return text.split("\n").map((line) => {
    const indent = " ".repeat(line.length - line.replace(/^ +/, "").length), lines = [];
    let room = /** @type {string[]} */ ([]), used = 0;
    for (const part of line.split(" ").filter((one) => one)) {
      const length = codePoints(part);
      if (room.length && used + 1 + length > WIDTH - indent.length) {
        lines.push(indent + room.join(" "));
        room = [];
        used = 0;
      }
      room.push(part);
      used += length + (room.length > 1 ? 1 : 0);
    }
    return [...lines, (indent + room.join(" ")).replace(/ +$/, "")].join("\n");
  }).join("\n");
}

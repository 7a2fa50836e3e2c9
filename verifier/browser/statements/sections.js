/** Sections: the private parts of statements, member by member (protocol, section 4.3). Reading one is step 10. */

import { codePoints } from "../base/bytes.js";
import { Malformed } from "../base/errors.js";
import {
  arrayOf, choice, code, codes, countries, country, currency, flag, hex64, ids, instant, integer, record, setOf,
  territory, text, textOf,
} from "./readers.js";
import { PROFILES } from "./types.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("./types.js").Statement} Statement
 * @typedef {import("./types.js").SectionName} SectionName
 */
/**
 * @template {(value: Json) => any} R
 * @typedef {ReturnType<R>} Of
 */

const MAX_PERIOD = 31_536_000;
const MAX_FEES = 32;
const MAX_DUE = 366;
const UNITS = /** @type {const} */ (["days", "images", "impressions", "uses"]);

// RFC 5646, section 2.1: langtag or privateuse, in any case, one subtag after the other.
const SUBTAG = /^[a-z0-9]{1,8}$/i;
const ALPHA = /^[a-z]+$/i;

/** @param {string} tag */
function isLanguage(tag) {
  const parts = tag.split("-");
  if (!parts.every((part) => SUBTAG.test(part))) return false;
  const size = (/** @type {number} */ i) => parts[i]?.length ?? 0;
  const alpha = (/** @type {number} */ i) => ALPHA.test(parts[i] ?? "");
  let at = 0;
  const isPrivate = () => (parts[at] ?? "").toLowerCase() === "x";
  if (!isPrivate()) {
    if (!alpha(0) || size(0) < 2) return false;
    at = 1;
    if (size(0) <= 3) for (let more = 0; more < 3 && alpha(at) && size(at) === 3; more++) at++;
    if (alpha(at) && size(at) === 4) at++; // script
    if ((alpha(at) && size(at) === 2) || (size(at) === 3 && /^[0-9]{3}$/.test(parts[at] ?? ""))) at++; // region
    while (size(at) >= 5 || (size(at) === 4 && /^[0-9]/.test(parts[at] ?? ""))) at++; // variants
    while (size(at) === 1 && !isPrivate()) { // extensions
      const from = ++at;
      while (size(at) >= 2) at++;
      if (at === from) return false;
    }
  }
  if (isPrivate()) {
    if (at + 1 === parts.length) return false;
    at = parts.length;
  }
  return at === parts.length;
}

/** @type {import("./readers.js").Reader<string>} */
function language(value) {
  if (typeof value !== "string" || !isLanguage(value)) throw new Malformed("must be a language tag (BCP 47)");
  return value;
}

const count = integer();
const period = integer(0, MAX_PERIOD);
const numbers = record({}, { days: count, images: count, impressions: count, uses: count });
const description = textOf(20, 4000);
const profile = choice(...PROFILES);
const training = choice("allow", "none", "own_twin");
const label = choice("both", "marked", "none", "visible");
const advice = choice("counsel", "none", "union");
const purpose = choice("advertising", "ecommerce", "editorial", "internal", "lookbook", "pitch", "portfolio");
const placement = choice("creator", "organic", "owned", "paid");
const placements = setOf(placement);
const channels = codes;

/**
 * Exactly one of the members that an object may have.
 * @template {import("./readers.js").Members} O
 * @param {O} members
 */
function oneOf(members) {
  const read = record({}, members);
  return (/** @type {Json} */ value) => {
    const found = read(value);
    if (Object.keys(found).length !== 1) throw new Malformed(`must have exactly one of ${Object.keys(members).join(", ")}`);
    return found;
  };
}

export const useTerms = record({
  rights: codes, purposes: setOf(purpose), description, categories: codes, channels, countries: territory,
  starts: instant, ends: instant, approval: choice("each", "none"), language, delivered: instant, advice,
}, {
  products: setOf(text), categories_denied: codes, placements, countries_excluded: countries, spill: count,
  run: oneOf({ months: integer(1, 120), days: integer(1, 3660) }), late_window: period, sell_off: period, notice: period,
  caps: numbers, overage: setOf(choice(...UNITS)), allow: codes, approve: codes,
  derivatives: choice("allow", "approve", "none"), training, silence: count, label,
  pay_first: choice("none", "prepaid", "session"), overdue_limit: count, profile, memo: hex64,
});

export const createTerms = record({
  description, methods: setOf(choice("motion", "photo", "scan", "video", "voice")), starts: instant, ends: instant,
  language, delivered: instant, advice,
}, { delete_by: instant, training, profile, memo: hex64 });

export const exclusive = record({
  categories: codes, channels, countries: territory, starts: instant, ends: instant,
}, {
  countries_excluded: countries, except: ids, against: setOf(hex64, 64), hold_off: count, notice: count, release: period,
});

export const usageTerms = record({
  rights: codes, channels, countries: territory, purpose, category: code, starts: instant, ends: instant,
}, {
  placement, product: text, targeted: flag, manipulations: codes, derivative_of: setOf(hex64), training: flag, label, units: numbers,
});

const reportLine = record({ channel: code, country, impressions: count }, {});
const reportMembers = record({ lines: arrayOf(reportLine, 0) }, { ends: instant, images: count, value: count });

/** @param {Json} value */
export function reportTerms(value) {
  const read = reportMembers(value);
  for (let i = 1; i < read.lines.length; i++) {
    const before = read.lines[i - 1], line = read.lines[i];
    if (!before || !line) continue;
    if (before.channel > line.channel || (before.channel === line.channel && before.country >= line.country)) {
      throw new Malformed("must rise by channel, then country", `lines[${i}]`);
    }
  }
  return read;
}

export const approvalTerms = record({}, { category: code, channels, countries: territory });

const tier = record({ from: count, amount: count }, {});

/** @param {Json} value */
function tiers(value) {
  const read = arrayOf(tier, 1)(value);
  if (read[0]?.from !== 0n) throw new Malformed("must rise from 0", "[0]");
  for (let i = 1; i < read.length; i++) {
    if ((read[i - 1]?.from ?? 0n) >= (read[i]?.from ?? 0n)) throw new Malformed("must rise from 0", `[${i}]`);
  }
  return read;
}

const feeMembers = record({ per: choice("day", "flat", "image", "mille", "month", "use", "value") }, {
  amount: count, bp: integer(1, 10_000), above: count, tiers, once: flag, channels, countries: territory, placements,
  purposes: setOf(purpose), for: choice("exclusive"), owed: choice("break", "every", "on", "signed", "use"), at: instant,
  months: integer(1, 120), days: integer(1, 3660), first: instant, due_days: integer(0, MAX_DUE), rata: flag,
  recoup: choice("all", "period"),
});

/** @param {Json} value */
function fee(value) {
  const read = feeMembers(value);
  const prices = [read.amount, read.tiers, read.bp].filter((price) => price !== undefined).length;
  if (prices !== 1 || (read.per === "value") !== (read.bp !== undefined)) {
    throw new Malformed("a fee has an amount or tiers, a share of value bp");
  }
  return read;
}

const split = record({
  payee: hex64, kind: choice("agency", "crew", "levy", "maker", "model", "trust"), parts: integer(1, 1_000_000),
}, { gross_bp: count, via: hex64 });

export const consentMoney = record({
  currency, fees: arrayOf(fee, 1, MAX_FEES), splits: arrayOf(split, 1),
  due: record({ from: choice("declared", "ends", "starts"), days: integer(0, MAX_DUE) }, {}),
}, { break: record({ notice: period }, {}) });

export const mandateMoney = record({ commission_bp: count }, {});

const moneyLines = arrayOf(record({ for: hex64, amount: count }, {}), 1);
export const paymentMoney = record({ currency, amount: integer(1), settled_at: instant }, { lines: moneyLines });
export const receiptMoney = record({ currency, amount: integer(1), received_at: instant }, { lines: moneyLines });
export const adjustmentMoney = record({ currency, amount: count }, { lines: moneyLines });

export const bankEvidence = record({ reference: text }, { sha256: hex64 });
export const disputeEvidence = record({}, { where: text, seen_at: instant, note: text, sha256: hex64 });
export const person = record({}, { name: text, contact: text, born: text, note: text });

const nameMembers = record({ name: text }, { public: flag });
const MAX_NAME = 80;
const SPACE = /^[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]$/;
const NOT_IN_NAMES = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff]/;

/** @param {Json} value */
export function partyName(value) {
  const read = nameMembers(value), { name } = read;
  if (codePoints(name) > MAX_NAME || NOT_IN_NAMES.test(name)) throw new Malformed("not a name", "name");
  for (const character of name) {
    if (((character.codePointAt(0) ?? 0) & 0xfffe) === 0xfffe) throw new Malformed("a noncharacter in a name", "name");
  }
  if (SPACE.test(name[0] ?? "") || SPACE.test(name.at(-1) ?? "")) throw new Malformed("white space at an end", "name");
  return read;
}

/**
 * @typedef {Of<typeof useTerms>} UseTerms
 * @typedef {Of<typeof createTerms>} CreateTerms
 * @typedef {Of<typeof exclusive>} Exclusive
 * @typedef {Of<typeof usageTerms>} UsageTerms
 * @typedef {Of<typeof reportTerms>} ReportTerms
 * @typedef {Of<typeof approvalTerms>} ApprovalTerms
 * @typedef {Of<typeof consentMoney>} ConsentMoney
 * @typedef {ConsentMoney["fees"][number]} Fee
 * @typedef {ConsentMoney["splits"][number]} Split
 * @typedef {Of<typeof mandateMoney>} MandateMoney
 * @typedef {Of<typeof paymentMoney>} PaymentMoney
 * @typedef {Of<typeof receiptMoney>} ReceiptMoney
 * @typedef {Of<typeof adjustmentMoney>} AdjustmentMoney
 * @typedef {Of<typeof bankEvidence>} BankEvidence
 * @typedef {Of<typeof partyName>} PartyName
 * @typedef {UseTerms | CreateTerms | Exclusive | UsageTerms | ReportTerms | ApprovalTerms | ConsentMoney | MandateMoney
 *   | PaymentMoney | ReceiptMoney | AdjustmentMoney | BankEvidence | PartyName | Of<typeof disputeEvidence> | Of<typeof person>} Section
 */

/**
 * How a section of this statement is read.
 * @param {Statement} statement
 * @param {SectionName} name
 * @returns {(value: Json) => Section}
 */
function readerOf(statement, name) {
  switch (name) {
    case "person": return person;
    case "name": return partyName;
    case "exclusive": return exclusive;
    case "evidence": return statement.type === "dispute" ? disputeEvidence : bankEvidence;
    case "terms":
      switch (statement.type) {
        case "consent": return statement.act === "use" ? useTerms : createTerms;
        case "usage": return usageTerms;
        case "report": return reportTerms;
        default: return approvalTerms;
      }
    case "money":
      switch (statement.type) {
        case "consent": return consentMoney;
        case "mandate": return mandateMoney;
        case "payment": return paymentMoney;
        case "receipt": return receiptMoney;
        default: return adjustmentMoney;
      }
  }
}

/**
 * @param {Statement} statement whose header commits to the section
 * @param {SectionName} name
 * @param {Json} value
 */
export function parseSection(statement, name, value) {
  return readerOf(statement, name)(value);
}

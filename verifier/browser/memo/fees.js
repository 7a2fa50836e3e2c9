/** What the fees of a deal are, in a memo's words: a price, for what, when it arises, and what is set off against it. */

import { EXPONENTS } from "../base/currencies.js";

/**
 * @typedef {import("../words/catalogue.js").Catalogue} Catalogue
 * @typedef {import("../statements/sections.js").Fee} Fee
 * @typedef {import("./render.js").Helpers} Helpers
 * @typedef {{currency: string, starts: bigint, isOption: boolean}} Deal `isOption`: the licensee takes it later
 */

const SCOPES = /** @type {const} */ (["channels", "countries", "placements", "purposes"]);
const WHOLE = 10_000n; // basis points

/** A share to two digits behind the point, half to even, without zeros at the end. @param {bigint} part @param {bigint} whole @param {Catalogue} words */
export function percent(part, whole, words) {
  let hundredths = (part * 10_000n) / whole;
  const rest = 2n * ((part * 10_000n) % whole);
  if (rest > whole || (rest === whole && hundredths % 2n)) hundredths++;
  const digits = String(hundredths % 100n).padStart(2, "0").replace(/0+$/, "");
  return `${words.number(hundredths / 100n)}${digits ? words.decimal + digits : ""}%`;
}

/** One fee, in a sentence or more. @param {Fee} fee @param {Deal} deal @param {Helpers} h @param {Catalogue} words */
export function feeWords(fee, deal, h, words) {
  const { price, form } = priceOf(fee, deal, h, words);
  const above = fee.above ? words.say("memo.above", { count: fee.above }) : "", once = fee.once ? words.say("memo.once") : "";
  return [words.say(form, { price, per: when(fee, deal, h, words), above, once, only: only(fee, h, words) }), ...more(fee, words)].join(" ");
}

/** So many months or days. @param {{months?: bigint, days?: bigint}} term @param {Catalogue} words */
export function spanWords({ months, days }, words) {
  return months === undefined ? words.say("memo.unit.day", { n: days ?? 0n }) : words.say("memo.unit.month", { n: months });
}

/** @param {bigint} amount @param {string} currency @param {Catalogue} words */
function money(amount, currency, words) {
  return EXPONENTS.has(currency) ? words.money(amount, currency) : words.say("memo.minor_units", { amount, currency });
}

/** @param {Fee} fee @param {Deal} deal @param {Helpers} h @param {Catalogue} words */
function priceOf({ bp, amount, tiers = [] }, { currency }, h, words) {
  if (bp !== undefined) return { price: percent(bp, WHOLE, words), form: "memo.price" };
  if (amount !== undefined) return { price: money(amount, currency, words), form: "memo.price" };
  const steps = tiers.map((tier) => words.say("memo.tier", { amount: money(tier.amount, currency, words), start: tier.from + 1n }));
  return { price: h.listed(steps), form: "memo.price_in_tiers" };
}

/** @param {Fee} fee @param {Deal} deal @param {Helpers} h @param {Catalogue} words */
function when(fee, { isOption, starts }, h, words) {
  switch (fee.owed) {
    case "signed": return words.say(isOption ? "memo.owed.option" : "memo.owed.signed");
    case "on": return words.say("memo.owed.on", { at: h.instant(fee.at ?? 0n) });
    case "every": {
      const term = /** @type {{months?: bigint, days?: bigint}} */ (fee);
      return words.say("memo.owed.every", { span: spanWords(term, words), first: h.instant(fee.first ?? starts) });
    }
    case "break": return words.say("memo.owed.break");
    default: return words.code("memo.per", fee.per);
  }
}

/** @param {Fee} fee @param {Helpers} h @param {Catalogue} words */
function only(fee, h, words) {
  const said = SCOPES.flatMap((name) => (fee[name] ? [words.say(`memo.scope.${name}`, { what: h.words(name, fee[name] ?? []) })] : []));
  return said.length ? words.say("memo.only", { what: said.join(", ") }) : "";
}

/** @param {Fee} fee @param {Catalogue} words */
function more(fee, words) {
  const said = [];
  if (fee.due_days !== undefined) said.push(words.say("memo.fee_due", { n: fee.due_days }));
  if (fee.rata) said.push(words.say("memo.fee_rata"));
  if (fee.recoup === "period") said.push(words.say("memo.fee_period"));
  else if (fee.recoup === "all") said.push(words.say(fee.owed === "on" ? "memo.fee_guarantee" : "memo.fee_advance"));
  if (fee.for === "exclusive") said.push(words.say("memo.fee_exclusive"));
  return said;
}

/**
 * What a statement says, member by member, for whoever is about to sign it. Every member is shown, known here or not, and
 * what is left out with the default that then holds. The words are those of `registry sign`, line for line; what is shown
 * for a second look has codes as they are signed.
 */

import { parseInstant } from "../base/instant.js";
import { printable } from "../base/printable.js";
import { kindName } from "../rules/standing/kinds.js";
import { CATEGORIES } from "../statements/categories.js";
import { UTC } from "../words/catalogue.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("../words/catalogue.js").Catalogue} Catalogue
 * @typedef {import("../words/catalogue.js").Zone} Zone
 * @typedef {import("./submission.js").Submission} Submission
 * @typedef {readonly [label: string, text: string]} Row
 * @typedef {{heading: string, rows: Row[]}} Group `heading` is empty for what is public
 */

const SECTIONS = /** @type {const} */ (["terms", "exclusive", "money", "name", "person", "evidence"]);
const PARTIES = /** @type {import("../statements/types.js").Role[]} */ ("model guardian licensee sublicensee agency maker payer payee provider union arbiter controller author".split(" "));
const OUTSIDE = new Set(["kembar", "type", "nonce", "sections", "parties", "registry", "at"]);
const INSTANTS = new Set("at delete_by delivered effective ends exercise_by first received_at seen_at settled_at starts until".split(" "));
const DURATIONS = new Set(["hold_off", "late_window", "notice", "release", "sell_off", "silence"]);

/** Members that hold codes, by the families of the catalogue in which those have their words: the first that has one. @type {Map<string, string[]>} */
const CODED = new Map(/** @type {[string, string][]} */ ([
  ["act advice approval categories categories_denied category derivatives from kind label outcome part pay_first sublicense training", "coded."],
  ["allow approve manipulations", "coded. memo.manipulations."], ["rights", "coded. memo.rights."], ["countries countries_excluded country", "coded. country."],
  ["channel channels", "memo.channels."], ["placement placements", "memo.placements."], ["purpose purposes", "memo.purposes."],
  ["methods", "memo.methods."], ["overage", "memo.overage."], ["profile", "memo.profile."], ["erased sections", "section."],
  ["decision", "decision."], ["ground", "ground."], ["language", "language."], ["modality", "modality."], ["powers", "mandate_short. power."], ["roles", "role."], ["tag", "tag."],
]).flatMap(([names, families]) => names.split(" ").map((name) => /** @type {const} */ ([name, families.split(" ")]))));

/** Members of sections in the protocol's order (4.3), with what holds where one is left out; undefined: nothing is said then. @type {Record<string, [name: string, otherwise?: Json][]>} */
const MEMBERS = {
  "terms use": [
    ["rights"], ["purposes"], ["description"], ["products"], ["categories"], ["categories_denied", []], ["channels"],
    ["placements", ["creator", "organic", "owned", "paid"]], ["countries"], ["countries_excluded", []], ["spill", 0], ["starts"], ["ends"], ["run"],
    ["late_window", 0], ["sell_off", 0], ["notice", 0], ["caps", new Map()], ["overage", []], ["allow", []], ["approve", []], ["derivatives", "none"],
    ["training", "none"], ["approval"], ["silence"], ["label", "none"], ["pay_first", "none"], ["overdue_limit"], ["profile"], ["language"],
    ["delivered"], ["advice"], ["memo"],
  ],
  "terms create": [["description"], ["methods"], ["starts"], ["ends"], ["delete_by"], ["training", "none"], ["language"], ["delivered"], ["advice"], ["profile"], ["memo"]],
  "terms usage": [
    ["rights"], ["channels"], ["countries"], ["purpose"], ["placement", "paid"], ["category"], ["starts"], ["ends"], ["product"], ["targeted", false],
    ["manipulations", []], ["derivative_of", []], ["training", false], ["label", "none"], ["units", new Map()],
  ],
  "terms report": [["ends"], ["images"], ["value"], ["lines"]],
  "terms approval": [["category"], ["channels"], ["countries"]],
  exclusive: [
    ["categories"], ["channels"], ["countries"], ["countries_excluded", []], ["starts"], ["ends"], ["except", []], ["against"], ["hold_off", 0],
    ["notice", 0], ["release"],
  ],
  "money consent": [["currency"], ["fees"], ["splits"], ["due"], ["break"]],
  "money mandate": [["commission_bp"]],
  "money payment": [["currency"], ["amount"], ["settled_at"], ["lines", []]],
  "money receipt": [["currency"], ["amount"], ["received_at"], ["lines", []]],
  "money adjustment": [["currency"], ["amount"], ["lines", []]],
  name: [["name"], ["public", false]],
  person: [["name"], ["contact"], ["born"], ["note"]],
  evidence: [["reference"], ["sha256"]],
  "evidence dispute": [["where"], ["seen_at"], ["note"], ["sha256"]],
};

/** One sentence. @param {import("../statements/types.js").Statement} statement @param {Catalogue} words */
export function titleOf(statement, words) {
  return words.code("title", kindName(statement).replace(" ", "_"));
}

/** @param {Submission} submission @param {Catalogue} words @param {Zone} [zone] @param {boolean} [isRaw] codes as they are signed @returns {Group[]} */
export function shown({ statement, members, sections }, words, zone = UTC, isRaw = false) {
  const write = new Writer(words, zone, undefined, isRaw);
  /** @type {Group} */
  const open = { heading: "", rows: [[write.label("id"), statement.id]] };
  for (const name of ["registry", "at"]) open.rows.push(...write.member(name, members.get(name), undefined));
  for (const [name, value] of inOrder(members)) if (!OUTSIDE.has(name)) open.rows.push(...write.member(name, value, undefined));
  const groups = [open], named = statement.parties ?? {}, { payees = [] } = named;
  const parties = [...PARTIES.flatMap((role) => (named[role] ? [/** @type {Row} */ ([words.code("role", role), named[role]])] : [])),
    ...payees.map((party) => /** @type {Row} */ ([words.say("shown.payee"), party]))];
  if (parties.length) groups.push({ heading: words.say("shown.parties"), rows: parties });
  for (const name of SECTIONS) {
    const opened = sections.get(name);
    if (!opened) continue;
    const isDeclared = name === "terms" && statement.type !== "consent";
    groups.push({ heading: words.say(isDeclared ? "private.declared" : `private.${name}`), rows: write.section(name, opened.value, statement) });
  }
  return groups;
}

/** What people read in this order, whatever the order of the bytes. */
const FIRST = ["model", "about", "starts", "ends"];

/** @param {JsonObject} value */
function inOrder(value) {
  const place = (/** @type {string} */ name) => FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length;
  return [...value].sort(([one], [other]) => place(one) - place(other));
}

/** A request's JSON, member by member; its members have names of their own. @param {JsonObject} value @param {Catalogue} words @param {Zone} zone @returns {Row[]} */
export function shownMembers(value, words, zone) {
  const write = new Writer(words, zone, (name) => words.code("signing.member", name));
  return inOrder(value).flatMap(([name, one]) => write.member(name, one, undefined));
}

class Writer {
  /** @param {Catalogue} words @param {Zone} zone @param {(name: string) => string} [called] what members are called @param {boolean} [isRaw] */
  constructor(words, zone, called = (name) => words.code("member", name), isRaw = false) {
    this.isRaw = isRaw;
    this.words = words;
    this.zone = zone;
    this.called = called;
  }

  /** @param {string} name */
  label(name) {
    return this.called(name).replaceAll("_", " ");
  }

  /** @param {string} name @param {JsonObject} value @param {import("../statements/types.js").Statement} statement @returns {Row[]} */
  section(name, value, statement) {
    const { words } = this, currency = /** @type {string | undefined} */ (value.get("currency"));
    const kind = statement.type === "consent" && name === "terms" ? statement.act : statement.type;
    return (MEMBERS[`${name} ${kind}`] ?? MEMBERS[name] ?? []).flatMap(([member, otherwise]) => {
      const given = value.get(member), unsaid = `shown.unsaid.${member}`;
      if (given !== undefined) return this.member(member, given, currency);
      if (!words.has(unsaid) && otherwise === undefined) return [];
      const isNone = Array.isArray(otherwise) && !otherwise.length;
      const meant = words.has(unsaid) ? words.say(unsaid) : isNone ? words.say("shown.none") : this.text(member, /** @type {Json} */ (otherwise), currency);
      return [/** @type {Row} */ ([this.label(member), words.say("shown.default", { value: meant })])];
    });
  }

  /** @param {string} name @param {Json | undefined} value @param {string | undefined} currency @returns {Row[]} */
  member(name, value, currency) {
    if (value === undefined) return [];
    const { words } = this, called = this.label(name);
    if (Array.isArray(value)) {
      if (name === "fees") return value.map((fee) => [words.say("shown.fee"), this.fee(/** @type {JsonObject} */ (fee), currency)]);
      if (name === "splits") {
        const total = value.reduce((/** @type {bigint} */ sum, split) => sum + BigInt(/** @type {number} */ (/** @type {JsonObject} */ (split).get("parts"))), 0n);
        return value.map((split) => [words.say("shown.share"), this.split(/** @type {JsonObject} */ (split), total)]);
      }
      if (value[0] instanceof Map) return value.map((item) => [called, this.pairs(/** @type {JsonObject} */ (item), currency, "; ")]);
      if (value.length > 1 && String(value[0]).length === 64) return value.map((item) => [called, printable(String(item))]);
    } else if (value instanceof Map) {
      if (name === "due") return [[called, words.say("shown.due", { n: /** @type {number} */ (value.get("days")), event: this.text("from", value.get("from") ?? "", currency) })]];
      return [...value].map(([key, one]) => [`${called}: ${this.label(key)}`, this.text(key, one, currency)]);
    }
    return [[called, this.text(name, value, currency)]];
  }

  /** @param {JsonObject} value @param {string | undefined} currency @param {string} between */
  pairs(value, currency, between) {
    return [...value].map(([key, one]) => `${this.label(key)} ${this.text(key, one, currency)}`).join(between);
  }

  /** @param {string} name @param {Json} value @param {string | undefined} currency @returns {string} */
  text(name, value, currency) {
    const { words } = this;
    if (typeof value === "boolean") return words.say(value ? "shown.yes" : "shown.no");
    if (Array.isArray(value)) return value.map((item) => this.text(name, item, currency)).join(", ") || words.say("shown.none");
    if (value instanceof Map) return this.pairs(value, currency, ", ") || words.say("shown.none");
    if (typeof value === "number") return this.number(name, value, currency);
    if (INSTANTS.has(name)) return words.moment(parseInstant(value), this.zone);
    return this.word(name, value) ?? value.split("\n").map(printable).join("\n");
  }

  /** What a code is called; undefined of what is no code, or has no word. @param {string} name @param {string} code */
  word(name, code) {
    if (this.isRaw) return undefined;
    const { words } = this, id = CODED.get(name)?.map((family) => family + code).find((one) => words.has(one));
    return id === undefined ? name.startsWith("categor") ? CATEGORIES.get(code)?.name : undefined : words.say(id);
  }

  /** @param {string} name @param {number} value @param {string | undefined} currency */
  number(name, value, currency) {
    const { words } = this;
    if (name === "amount" && currency !== undefined) return words.money(value, currency);
    if (DURATIONS.has(name)) return value % 86_400 ? words.say("span.seconds", { n: value }) : words.say("span.days", { n: value / 86_400 });
    return name === "commission_bp" ? this.perCent(value) : words.number(value);
  }

  /** @param {Json | undefined} bp */
  perCent(bp) {
    return this.words.say("shown.share_of", { share: String(Number(bp) / 100).replace(".", this.words.decimal) });
  }

  /** @param {JsonObject} fee @param {string | undefined} currency */
  fee(fee, currency) {
    const { words } = this, tiers = fee.get("tiers"), above = fee.get("above");
    const number = (/** @type {Json | undefined} */ value) => /** @type {number} */ (value);
    const amount = Array.isArray(tiers)
      ? tiers.map((tier) => /** @type {JsonObject} */ (tier)).map((tier) => words.say("shown.tier", { amount: words.money(number(tier.get("amount")), currency), start: number(tier.get("from")) })).join(", ")
      : fee.has("bp") ? this.perCent(fee.get("bp")) : words.money(number(fee.get("amount")), currency);
    const per = this.owed(fee) ?? words.code("shown.per", String(fee.get("per")));
    const price = words.say("shown.price", { amount, per, above: above ? words.say("shown.above", { count: number(above) }) : "", once: fee.get("once") ? words.say("shown.once") : "" });
    return [price, ...this.conditions(fee)].join("; ");
  }

  /** When a flat fee arises that does not wait for the first use. @param {JsonObject} fee */
  owed(fee) {
    const { words } = this, owed = String(fee.get("owed") ?? "use"), first = fee.get("first"), at = fee.get("at");
    if (owed === "use") return null;
    if (owed === "every") {
      const unit = fee.has("months") ? "months" : "days", span = words.say(`shown.span.${unit}`, { n: /** @type {number} */ (fee.get(unit) ?? 0) });
      return first === undefined ? words.say("shown.owed.every_from_start", { span }) : words.say("shown.owed.every_from", { span, first: this.text("first", first, undefined) });
    }
    return owed === "on" && at !== undefined ? words.say("shown.owed.on_date", { at: this.text("at", at, undefined) }) : words.code("shown.owed", owed);
  }

  /** For which uses a fee is, and what else is agreed of it. @param {JsonObject} fee */
  conditions(fee) {
    const { words } = this, said = [];
    for (const name of ["channels", "countries", "placements", "purposes"]) {
      const codes = fee.get(name);
      if (Array.isArray(codes)) said.push(words.say("shown.only", { member: this.label(name), codes: this.text(name, codes, undefined) }));
    }
    if (fee.has("due_days")) said.push(words.say("shown.due_days", { n: /** @type {number} */ (fee.get("due_days")) }));
    if (fee.get("rata")) said.push(words.say("shown.rata"));
    if (fee.has("recoup")) said.push(words.say(`shown.recoup.${fee.get("recoup")}`));
    if (fee.has("for")) said.push(words.say(`shown.for.${fee.get("for")}`));
    return said;
  }

  /** @param {JsonObject} split @param {bigint} total */
  split(split, total) {
    const { words } = this, gross = /** @type {number} */ (split.get("gross_bp") ?? 10_000), via = split.get("via");
    return words.say("shown.parts", {
      parts: /** @type {number} */ (split.get("parts")), total, kind: words.code("payee_kind", String(split.get("kind"))), payee: String(split.get("payee")),
      gross: gross === 10_000 ? "" : words.say("shown.gross", { gross }), via: via === undefined ? "" : words.say("shown.via", { agency: String(via) }),
    });
  }
}

/** Rules M1 to M8: one row each about a usage or a consent, and the verdict's `paid` (rules.md, Money; protocol, 7.3). */

import { holds, Unread } from "../model/context.js";
import { answerOf, worst } from "../model/results.js";
import { daysLate, settle } from "./allocation.js";
import { sum } from "./amounts.js";
import { openBook } from "./book.js";
import { firstOf, gather, reason, rising } from "./reasons.js";
import { PROFILE_COMMISSION } from "./splits.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/results.js").Row} Row
 * @typedef {import("../model/results.js").Remark} Remark
 * @typedef {import("./allocation.js").Claim} Claim
 * @typedef {import("./book.js").Book} Book
 * @typedef {import("./leg_book.js").LegBook} LegBook
 * @typedef {import("./reasons.js").Reason} Reason
 */
/**
 * What one payee is owed on one leg: for the usage, or `of` the `consent` itself. `due` and `received` are the least of each,
 * in minor units. `dueAt` null while nothing has fallen due, `daysLate` null where lateness cannot be told.
 * @typedef {{payee: string, leg: string, of: "consent" | "usage", answer: string, due: bigint, received: bigint, outstanding: bigint,
 *   dueAt: bigint | null, daysLate: bigint | null}} PayeeLine
 */
/** @typedef {{answer: string, currency: string | null, payees: PayeeLine[]}} Paid */
/** @typedef {{rows: Row[], warnings: Remark[], paid: Paid}} Money */
/** One leg's line with what it rests on. @typedef {{line: PayeeLine, book: LegBook, reasons: readonly Reason[], entries: readonly number[]}} JudgedLine */
/** What the rules are asked about. `usage` null: the consent's claims alone. @typedef {{usage: Claim | null, book: Book, lines: readonly JudgedLine[], claims: readonly Claim[], instant: bigint}} Case */

/** The worst first. @type {readonly string[]} */
const ANSWERS = ["NOT_PAID", "CANNOT_TELL", "NOT_YET_DUE", "PAID"];

/** Codes of what is not shown, or in doubt: behind them any word may stand. */
const HIDDEN = new Set(["erased", "key_disputed", "list_missing", "not_disclosed"]);

/** @param {Iterable<string>} answers */
const worstAnswer = (answers) => [...answers].reduce((one, other) => (ANSWERS.indexOf(other) < ANSWERS.indexOf(one) ? other : one), "PAID");

/** Decide `paid` for a good or doubtful usage, with what its consent owes. @param {Context} context @param {import("../use/case.js").UsageEntry} usage */
export function judgeMoney(context, usage) {
  const book = openBook(context, usage.statement.consent);
  return decide(context, book, book.usages.get(usage.statement.id) ?? null);
}

/** Decide `paid` for a good or doubtful consent: for its own lines; null for one to create without money. @param {Context} context @param {import("../use/case.js").ConsentEntry} consent */
export function judgeConsentMoney(context, consent) {
  const { act, sections = {}, id } = consent.statement;
  return act === "create" && !("money" in sections) ? null : decide(context, openBook(context, id), null);
}

/** The part of an answer about the lines of a usage, or of a consent, alone. @param {Paid} paid @param {"consent" | "usage"} of @returns {Paid} */
export function ownLines(paid, of) {
  if (!paid.payees.length) return paid;
  const payees = paid.payees.filter((line) => line.of === of);
  return { answer: worstAnswer(payees.map(({ answer }) => answer)), currency: paid.currency, payees };
}

/** @param {Context} context @param {Book} book @param {Claim | null} usage @returns {Money} */
function decide(context, book, usage) {
  const own = book.consentClaims, { stale } = context;
  const lines = book.legs.flatMap((one) => [judge(context, book, one, "consent", own), ...(usage ? [judge(context, book, one, "usage", [usage])] : [])]);
  const claims = book.schedule ? [...own, ...(usage ? [usage] : [])] : [];
  const asked = { usage, book, lines, claims, instant: context.instant };
  const rows = RULES.map((rule) => rule(asked));
  let answer = answerOf(worst(rows.map(({ result }) => result)), "PAID", "NOT_PAID");
  if (answer === "PAID" && lines.some(({ line }) => line.answer === "NOT_YET_DUE")) answer = "NOT_YET_DUE";
  const unpriced = usage && book.isReadable ? book.schedule?.unpriced.get(usage.id) : null;
  const warnings = [
    ...warn(context, book), ...(unpriced === null || unpriced === undefined ? [] : [{ code: "unpriced", entries: [unpriced] }]),
    ...(stale && (answer === "PAID" || answer === "NOT_YET_DUE") ? [{ code: "stale", entries: [] }] : []),
  ];
  return { rows, warnings, paid: { answer, currency: book.money?.currency ?? null, payees: lines.map(({ line }) => line) } };
}

// -- one leg

/** What some claims come to on one leg: the worst of their answers (M4). @param {Context} context @param {Book} book @param {LegBook} one @param {"consent" | "usage"} of @param {readonly Claim[]} claims @returns {JudgedLine} */
function judge(context, book, one, of, claims) {
  const hidden = [...book.blocked, ...one.unknowns, ...(of === "usage" ? book.usagesBlocked : book.consentBlocked)];
  const answers = hidden.length ? [] : claims.map((claim) => answerTo(context, book, one, claim));
  const answer = hidden.length ? "CANNOT_TELL" : worstAnswer(answers.map(([word]) => word));
  const parts = claims.flatMap((claim) => one.shown.parts(claim));
  const amount = (/** @type {boolean} */ credit) => sum(parts.filter(({ inflow }) => inflow.credit === credit).map((part) => part.amount));
  const dues = claims.map((claim) => one.due(claim)), due = sum(dues) - amount(true);
  const received = amount(false) + sum(dues.filter((each) => each < 0n));
  const late = latest(claims.flatMap((claim) => settle(one.lines(claim), one.shown.arrivals(claim))), context.instant);
  return {
    line: {
      payee: one.leg.payee, leg: one.leg.kind, of, answer, due, received,
      outstanding: due > received ? due - received : 0n, dueAt: late.dueAt, daysLate: context.stale || answer === "CANNOT_TELL" ? null : late.days,
    },
    book: one,
    reasons: [...hidden, ...answers.flatMap(([, reasons]) => reasons)],
    entries: rising([...claims.flatMap((claim) => book.entries(claim)), ...parts.flatMap(({ inflow }) => inflow.entries)]),
  };
}

/**
 * One claim's answer on one leg (M4): what cannot be told at all; PAID where the least received fills the most due; NOT_PAID
 * where the most received does not fill the least that has fallen due; NOT_YET_DUE where the least received fills the most
 * that has; else it cannot be told.
 * @param {Context} context @param {Book} book @param {LegBook} one @param {Claim} claim @returns {[string, readonly Reason[]]}
 */
function answerTo({ instant, stale }, book, one, claim) {
  const lost = book.dues.lost.get(claim);
  if (lost && one.leg.gross !== 0n) return ["CANNOT_TELL", [lost]]; // of nothing, whatever it comes to, nothing is due
  if (one.sure.isFull(claim)) return ["PAID", []];
  if (one.possible.received(claim) < one.fallenLeast(claim, instant)) return stale ? ["CANNOT_TELL", [reason("M4", "stale")]] : ["NOT_PAID", []];
  const most = one.fallenMost(claim, instant);
  if (most !== null && one.sure.received(claim) >= most) return ["NOT_YET_DUE", []];
  return ["CANNOT_TELL", book.whyUntold(one, claim)];
}

/** The due date and the days late of the line that is late longest; if none is, of the first that is not filled, else of the last (M6). @param {readonly import("./allocation.js").Settled[]} lines @param {bigint} instant */
function latest(lines, instant) {
  let dueAt = /** @type {bigint | null} */ (null), days = 0n, unfilled = false;
  for (const { line, filledAt } of lines) {
    if (line.amount <= 0n) continue; // a line of -1 that cancels nothing is owed by nobody
    const late = daysLate(line.dueAt, filledAt === null || filledAt > instant ? instant : filledAt);
    if (late > days || (!days && !unfilled)) [dueAt, days] = [line.dueAt, late];
    unfilled ||= filledAt === null;
  }
  return { dueAt, days };
}

// -- the rules

/** @param {string} rule @param {readonly number[]} entries @param {string} [code] @returns {Row} */
const pass = (rule, entries, code = "ok") => ({ rule, result: "PASS", code, entries });
/** @param {string} rule @returns {Row} */
const notApplicable = (rule) => ({ rule, result: "NOT_APPLICABLE", code: "not_applicable", entries: [] });

/** UNKNOWN for the reason whose code comes first in the list, with the entries of all that share it. @param {string} rule @param {readonly Reason[]} reasons @returns {Row} */
function unknown(rule, reasons) {
  const code = firstOf(reasons)?.code ?? "list_missing";
  const shared = new Map(reasons.filter((one) => one.code === code).map(({ entries }) => [entries.join(), entries]));
  const [only] = shared.values();
  return { rule, result: "UNKNOWN", code, entries: shared.size === 1 && only ? only : rising([...shared.values()].flat()) };
}

/** What is due rests on these. @param {Case} asked */
const restsOn = ({ book, claims }) => rising(claims.flatMap((claim) => book.entries(claim)));

/** Why a rule can tell nothing at all. @param {Case} asked @param {string} rule */
function blocked({ book, usage }, rule) {
  return [...book.blocked, ...(usage ? book.usagesBlocked : []), ...book.consentBlocked].filter((one) => one.rule === rule);
}

/** Why there are no figures, or none if the terms, which are hidden, contradict the fees. @param {Case} asked */
function unfit({ book, lines }) {
  return lines.length ? book.consentBlocked : book.blocked;
}

/** M1: what is due. @param {Case} asked */
function due(asked) {
  const { book, claims, instant } = asked, why = blocked(asked, "M1");
  if (why.length || !book.schedule) return unknown("M1", why.length ? why : book.blocked);
  const found = claims.flatMap((claim) => {
    const lost = book.dues.lost.get(claim), open = book.dues.open.get(claim);
    if (lost?.rule === "M1") return [claim.ofConsent ? lost : reason("M1", lost.code, book.entries(claim))];
    return open && (open.dueAt === null || open.dueAt <= instant) ? [reason("M1", open.code, book.entries(claim))] : [];
  });
  return found.length ? unknown("M1", found) : pass("M1", restsOn(asked));
}

/** M2: how it is split. @param {Case} asked */
function split(asked) {
  const { book, claims } = asked, blockedBy = blocked(asked, "M2"), why = blockedBy.length ? blockedBy : unfit(asked);
  if (why.length) return unknown("M2", why);
  if (!book.consent) return unknown("M2", book.blocked);
  const lost = claims.map((claim) => book.dues.lost.get(claim)).find((one) => one?.rule === "M2");
  return lost ? /** @type {Row} */ ({ rule: "M2", result: "UNKNOWN", code: lost.code, entries: restsOn(asked) }) : pass("M2", [book.consent.index]);
}

/** M3: what goes through the agency reaches the payees. @param {Case} asked */
function passedOn(asked) {
  const found = ofLines("M3", asked.lines.filter(({ line }) => line.leg === "from_agency"), () => "not_passed_on"), why = unfit(asked);
  return why.length && found.result !== "FAIL" ? unknown("M3", why) : found;
}

/** M4: what the payers owe was received, by words that prove it. @param {Case} asked */
function received(asked) {
  const { book, lines } = asked;
  if (!lines.length) return unknown("M4", book.blocked);
  const found = ofLines("M4", lines.filter(({ line }) => line.leg !== "from_agency"), (one) => (one.book.side.returned.length ? "returned" : "unpaid"));
  const unread = hidden(asked);
  return unread.length && found.result === "PASS" ? unknown("M4", unread) : found;
}

/** M6: when it was due and when received; lateness shows in the figures and fails nothing. @param {Case} asked */
function dates(asked) {
  const why = unfit(asked);
  return why.length ? unknown("M6", why) : pass("M6", restsOn(asked));
}

/** M8: every payee's line is paid, on every leg. @param {Case} asked */
function whole({ book, lines }) {
  return lines.length ? ofLines("M8", lines, () => "unpaid") : unknown("M8", book.blocked);
}

/** M5 and M7, about the words that stand for money: their own reasons on lines that cannot be told, or what is hidden. @param {string} rule @returns {(asked: Case) => Row} */
const words = (rule) => (asked) => {
  const { book, lines } = asked;
  if (!lines.length) return unknown(rule, book.blocked);
  const own = lines.flatMap(({ reasons }) => reasons).filter((one) => one.rule === rule);
  if (own.length) return unknown(rule, own);
  const missing = [...blocked(asked, "M4"), ...hidden(asked)];
  if (missing.length) return unknown(rule, missing);
  if (!lines.some((one) => one.book.side.paid)) return notApplicable(rule);
  const resting = new Set(restsOn(asked));
  return pass(rule, rising(lines.flatMap(({ entries }) => entries).filter((index) => !resting.has(index))));
};

/** What is not shown, or in doubt: no row of M4, M5 and M7 passes on it. @param {Case} asked */
function hidden({ book, lines }) {
  return [...book.blocked, ...lines.flatMap((one) => [...one.book.side.unknowns, ...one.reasons])].filter(({ code }) => HIDDEN.has(code));
}

/** @type {readonly ((asked: Case) => Row)[]} */
const RULES = [due, split, passedOn, received, words("M5"), dates, words("M7"), whole];

/** The worst answer of some lines: NOT_PAID with its code, else why it cannot be told, else PASS. @param {string} rule @param {readonly JudgedLine[]} lines @param {(one: JudgedLine) => string} failure @returns {Row} */
function ofLines(rule, lines, failure) {
  if (!lines.length) return notApplicable(rule);
  const failed = lines.filter(({ line }) => line.answer === "NOT_PAID").map((one) => reason(rule, failure(one), [...one.entries, ...one.book.side.returned]));
  const [first] = gather(failed);
  if (first) return { rule, result: "FAIL", code: first.code, entries: first.entries };
  if (lines.some(({ line }) => line.answer === "CANNOT_TELL")) return unknown(rule, lines.flatMap(({ reasons }) => reasons));
  return pass(rule, rising(lines.flatMap(({ entries }) => entries)), lines.some(({ line }) => line.answer === "NOT_YET_DUE") ? "not_due" : "ok");
}

// -- warnings

/** @param {Context} context @param {Book} book @returns {Remark[]} */
function warn(context, book) {
  return context.recall(`money warnings ${book.id}`, () => {
    const repeated = rising([...book.sides.values()].flatMap((side) => side.repeated)), { overpaid } = book;
    return [
      ...commission(context, book), ...(repeated.length ? [{ code: "reference_repeated", entries: repeated }] : []),
      ...(overpaid.length ? [{ code: "overpaid", entries: overpaid }] : []),
    ];
  });
}

/** M2: the agency's parts of all parts are more than its mandate's commission or a profile's cap. @param {Context} context @param {Book} book @returns {Remark[]} */
function commission(context, { money, consent }) {
  if (!money || !consent) return [];
  const terms = context.section(consent, "terms"), { under } = consent.statement;
  const profiles = new Set([context.profile, !(terms instanceof Unread) && "rights" in terms && "profile" in terms ? terms.profile : undefined]);
  const caps = [...PROFILE_COMMISSION].filter(([profile]) => /** @type {Set<string | undefined>} */ (profiles).has(profile)).map(([, cap]) => cap);
  const entries = [consent.index];
  if (under !== undefined) {
    const [mandate] = context.named(`mandate:${under}`, under, consent.index);
    const section = mandate && context.section(mandate, "money");
    if (mandate && holds(mandate, "mandate") && section && !(section instanceof Unread)) {
      caps.push(/** @type {import("../../statements/sections.js").MandateMoney} */ (section).commission_bp);
      entries.push(mandate.index);
    }
  }
  const parts = sum(money.splits.filter(({ kind }) => kind === "agency").map((one) => one.parts)), all = sum(money.splits.map((one) => one.parts));
  return caps.some((cap) => parts * 10_000n > cap * all) ? [{ code: "commission_cap", entries: rising(entries) }] : [];
}

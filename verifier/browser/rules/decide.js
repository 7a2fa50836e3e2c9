/** From a record and a question to an answer: every rule is asked, every time (rules.md, Verdicts). */

import { subjects } from "../statements/subjects.js";
import { Context, holds, Unread } from "./model/context.js";
import { codeOrder } from "./model/codes.js";
import { BOOK_LISTS } from "./model/record.js";
import { always, answerOf, asUnknown, CannotJudge, during, FOREVER, inside, least, merge, segmentsOf, worst } from "./model/results.js";
import { judgeConsentMoney, judgeMoney, ownLines } from "./money/money_rules.js";
import { judgeDisputes, openDisputes } from "./standing/disputes.js";
import { LEEWAY, voidChecks } from "./standing/standing.js";
import { judgeDerivatives, judgeManipulations } from "./use/alterations.js";
import { judgeApproval } from "./use/approvals.js";
import { judgeCaps } from "./use/caps.js";
import { ConsentCase, isUse, UsageCase } from "./use/case.js";
import { judgeExclusivity, judgeOthers, useOfConsent, warnReleased } from "./use/exclusivity.js";
import {
  judgeClosedWorld, judgeConsentInForce, judgeDeclaredLate, judgeNotice, judgeRevoked, judgeRuled, judgeSublicence, judgeSuspended,
  judgeTwin, judgeTwinAndFiles,
} from "./use/lifecycle.js";
import { judgeMoneyFirst } from "./use/payment_conditions.js";
import { judgeForm, judgeLabel, warnForm } from "./use/profiles.js";
import { judgeChannels, judgeCountries, judgePurpose } from "./use/scope_rules.js";
import { judgeTerm } from "./use/term.js";

/**
 * @typedef {import("./model/record.js").Entry} Entry
 * @typedef {import("./model/record.js").ShownRecord} ShownRecord
 * @typedef {import("./model/results.js").Row} Row
 * @typedef {import("./model/results.js").Remark} Remark
 * @typedef {import("./model/results.js").Timed} Timed
 * @typedef {import("./model/results.js").Segment} Segment
 * @typedef {import("./money/money_rules.js").Paid} Paid
 * @typedef {import("../evidence/file.js").Question} Question
 */
/**
 * What a reader knows beside the record; times are POSIX seconds. `byClock`: the instant is what her clock shows.
 * @typedef {{instant: bigint, asOf: bigint, basis: string, rules: bigint, maxAge: bigint, requireAudited: boolean,
 *   files: readonly string[], byClock: boolean}} Facts
 * @typedef {{answer?: string, authorised?: string, segments?: Segment[], paid?: Paid}} Answers
 * @typedef {Answers & {rules: Row[], usages?: (Answers & {usage: string})[], consents?: (Answers & {consent: string})[],
 *   warnings: Remark[], faults: Remark[], then?: Answers}} Decision
 */

const RULE_SET = 2n;

/**
 * Every rule that has a row, in the order of a verdict; `voids`: it can void an entry.
 * @type {readonly {id: string, voids?: true, usage?: (usageCase: UsageCase) => Timed[], consent?: (consentCase: ConsentCase) => Timed[]}[]}
 */
const RULES = [
  { id: "T2" },
  { id: "T4", usage: judgeDeclaredLate },
  { id: "T6", voids: true },
  { id: "T7", usage: judgeNotice, consent: judgeNotice },
  { id: "T8", voids: true },
  { id: "A0", voids: true },
  { id: "A1", voids: true },
  { id: "A2", voids: true },
  { id: "A3", usage: judgeTwinAndFiles, consent: judgeTwin },
  { id: "A4", usage: judgeClosedWorld },
  { id: "A5", voids: true, usage: judgeSuspended, consent: judgeConsentInForce },
  { id: "A6", usage: judgeRevoked },
  { id: "A7", usage: judgePurpose },
  { id: "A8", usage: judgeChannels },
  { id: "A9", usage: judgeCountries },
  { id: "A10", usage: judgeTerm },
  { id: "A11", usage: judgeCaps },
  { id: "A12", usage: judgeManipulations },
  { id: "A13", usage: judgeDerivatives },
  { id: "A14", usage: judgeApproval },
  { id: "A15", usage: judgeLabel },
  { id: "A16", usage: judgeOthers },
  { id: "A17", usage: judgeSublicence },
  { id: "A18", usage: judgeMoneyFirst },
  { id: "A19", usage: judgeForm, consent: judgeForm },
  { id: "A20", usage: judgeRuled, consent: judgeRuled },
  ...["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8"].map((id) => ({ id })),
];

/** @param {Facts} facts */
const isStale = ({ instant, asOf, maxAge }) => instant > asOf + maxAge;
/** @param {Facts} facts */
const isClockBehind = ({ byClock, instant, asOf }) => byClock && instant < asOf - LEEWAY;
/** @param {Facts} facts */
const isUnaudited = ({ requireAudited, basis }) => requireAudited && basis !== "audited";

/**
 * Answer a question. The record shows its statement, or for `asset` and `party` its list (steps 13, 14).
 * @param {ShownRecord} record
 * @param {Question} question
 * @param {Facts} facts
 * @returns {{decision: Decision, context: Context}}
 */
export function decide(record, question, facts) {
  const context = new Context(record, { ...facts, stale: isStale(facts) });
  if (facts.rules !== RULE_SET) return { decision: rulesUnknown(question), context };
  const decision = answerTo(context, question, facts, null);
  if (isStale(facts) && (question.kind === "usage" || question.kind === "consent")) {
    const then = { ...facts, instant: facts.asOf };
    const { answer, authorised, segments, paid } = answerTo(new Context(record, { ...then, stale: false }), question, then, facts.asOf);
    decision.then = answers({ answer, authorised, segments, paid });
  }
  return { decision, context };
}

/** @param {{[K in keyof Answers]: Answers[K] | undefined}} found @returns {Answers} */
function answers(found) {
  return /** @type {Answers} */ (Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)));
}

/** @param {Context} context @param {Question} question @param {Facts} facts @param {bigint | null} until segments go no further @returns {Decision} */
function answerTo(context, question, facts, until) {
  switch (question.kind) {
    case "usage": return decideUsage(context, question, facts, until);
    case "consent": return decideConsent(context, question, facts);
    case "party": return decideParty(context, question, facts);
    case "asset": return decideAsset(context, question.id, facts);
  }
}

/** Timed results by rule, while they are gathered. */
class Results {
  constructor() {
    /** @type {Map<string, Timed[]>} */
    this.byRule = new Map();
  }

  /** @param {string} rule @param {readonly Timed[]} found */
  add(rule, found) {
    this.byRule.set(rule, [...(this.byRule.get(rule) ?? []), ...found]);
  }

  /** What a judge says, or why it can say nothing. @param {string} rule @param {() => Timed[]} judge */
  ask(rule, judge) {
    try {
      this.add(rule, judge());
    } catch (error) {
      if (!(error instanceof CannotJudge)) throw error;
      this.add(rule, [error.answer]);
    }
  }

  /** @param {{start: bigint, end: bigint} | null} [window] */
  rows(window = null) {
    return [...this.byRule].map(([rule, found]) => merge(rule, window ? inside(found, window.start, window.end) : found));
  }
}

/**
 * Both answers about one usage.
 * @param {Context} context @param {import("./use/case.js").UsageEntry} usage @param {Facts} facts
 * @param {Question["ask"]} ask @param {bigint | null} until
 * @returns {{rows: Row[], warnings: Remark[], found: Answers}}
 */
function judgeUsage(context, usage, facts, ask, until) {
  const standing = context.standing(usage);
  if (standing.standing === "void") {
    const fault = /** @type {Row} */ ({ rule: standing.rule, result: "FAIL", code: standing.code, entries: [usage.index] });
    return { rows: [fault], warnings: [], found: { authorised: "NOT_AUTHORISED" } };
  }
  const consent = context.consentOf(usage), results = new Results();
  /** @type {UsageCase | null} */
  let usageCase = null;
  addStanding(results, context, usage, standing);
  if (ask === "paid") results.add("A20", judgeDisputes(context, usage, standing));
  else if (!consent) {
    // The consent itself is not shown: nothing that rests on it can be told, and no notice is known of (T7).
    for (const { id, usage: judge } of RULES) if (judge && id !== "T7") results.add(id, [always("UNKNOWN", "list_missing", usage.index)]);
  } else {
    const opened = usageCase = new UsageCase(context, usage, consent, facts.files);
    for (const { id, usage: judge } of RULES) {
      if (!judge) continue;
      results.ask(id, () => judge(opened));
      results.byRule.set(id, asFarAsItRan(opened, results.byRule.get(id) ?? []));
    }
  }
  results.add("T2", currency(facts));
  const { window: known = null, reach = null } = usageCase ?? {};
  const begun = known !== null && (until === null || known.start < until);
  /** Up to `until`, where the use has begun by then. @param {{start: bigint, end: bigint} | null} one */
  const cut = (one) => (one && until !== null && begun ? { start: one.start, end: least(one.end, until) } : one);
  const window = cut(known), rows = results.rows(cut(reach));
  const warnings = [...openDisputes(context, usage.statement.consent), ...(usageCase ? warnForm(usageCase) : [])];
  /** @type {Answers} */
  const found = {};
  if (ask !== "paid") {
    found.authorised = answerOf(worst(rows.map(({ result }) => result)), "AUTHORISED", "NOT_AUTHORISED");
    const every = [...results.byRule.values()].flat();
    if (window && begun) found.segments = segmentsOf(inside(every, window.start, window.end), window.start, window.end);
  }
  if (ask !== "authorised") {
    const money = judgeMoney(context, usage);
    rows.push(...money.rows);
    warnings.push(...money.warnings);
    found.paid = asProven(money.paid, facts);
  }
  return { rows, warnings, found };
}

/** The figures stay, the answers go, for want of an audited index, or of a clock that tells how late it is. @param {Paid} paid @param {Facts} facts @returns {Paid} */
function asProven(paid, facts) {
  if (!isUnaudited(facts) && !isClockBehind(facts)) return paid;
  return { ...paid, answer: "CANNOT_TELL", payees: paid.payees.map((line) => ({ ...line, answer: "CANNOT_TELL" })) };
}

/** Rows of the rules that can void an entry, for one that they did not. @param {Results} results @param {Context} context @param {Entry} entry @param {import("./model/context.js").Judgement} standing */
function addStanding(results, context, entry, standing) {
  const checks = voidChecks(context, entry);
  RULES.filter(({ voids }) => voids).forEach(({ id }, place) => {
    const judgement = checks[place];
    if (!judgement) return;
    const row = always(judgement.standing === "good" ? "PASS" : "UNKNOWN", judgement.code, entry.index, ...judgement.entries);
    const noMandate = id === "A2" && !("under" in entry.statement && entry.statement.under);
    results.add(id, [noMandate ? always("NOT_APPLICABLE", "not_applicable") : row]);
  });
  if (standing.standing === "doubtful") results.add(standing.rule, [always("UNKNOWN", standing.code, entry.index, ...standing.entries)]);
}

/** What would fail after an end that may or may not be true cannot be told (A10), nor when no window is known. @param {UsageCase} usageCase @param {readonly Timed[]} found */
function asFarAsItRan({ window, windowCode, usage, doubt, unsure }, found) {
  if (!window) return asUnknown(found, -FOREVER, FOREVER, windowCode, [usage.index]);
  const doubted = doubt ? asUnknown(found, -FOREVER, FOREVER, doubt.code, doubt.entries) : [...found];
  return unsure ? asUnknown(doubted, unsure.start, unsure.end, "reported_late", [usage.index, unsure.index]) : doubted;
}

/** T2's row: how far the checkpoint's time and basis carry. @param {Facts} facts @returns {Timed[]} */
function currency(facts) {
  return [
    always("PASS", "ok"),
    ...(isStale(facts) ? [during(facts.asOf, FOREVER, "UNKNOWN", "stale")] : []),
    ...(isClockBehind(facts) ? [always("UNKNOWN", "clock_behind")] : []),
    ...(isUnaudited(facts) ? [always("UNKNOWN", "not_audited")] : []),
  ];
}

/** @param {Context} context @param {Question} question @param {Facts} facts @param {bigint | null} until @returns {Decision} */
function decideUsage(context, question, facts, until) {
  const usage = entryAskedAbout(context, question.id, "usage");
  const { rows, warnings, found } = judgeUsage(context, usage, facts, question.ask, until);
  return { ...found, rules: inOrder(rows), warnings: ordered(warnings), faults: faultsOf(context) };
}

/** @param {Context} context @param {Question} question @param {Facts} facts @returns {Decision} */
function decideConsent(context, { id, ask }, facts) {
  const { rows, warnings, found } = judgeConsent(context, entryAskedAbout(context, id, "consent"), facts, ask);
  return { ...found, rules: inOrder(rows), warnings: ordered(warnings), faults: faultsOf(context) };
}

/**
 * Both answers about one consent; `paid` is missing of a void one, and of one to create without money.
 * @param {Context} context @param {import("./use/case.js").ConsentEntry} consent @param {Facts} facts @param {Question["ask"]} ask
 * @returns {{rows: Row[], warnings: Remark[], found: Answers}}
 */
function judgeConsent(context, consent, facts, ask) {
  const standing = context.standing(consent), { id } = consent.statement;
  if (standing.standing === "void") {
    const fault = /** @type {Row} */ ({ rule: standing.rule, result: "FAIL", code: standing.code, entries: [consent.index] });
    return { rows: [fault], warnings: [], found: { answer: "NOT_IN_FORCE" } };
  }
  const opened = new ConsentCase(context, consent), results = new Results(), { notice } = opened;
  addStanding(results, context, consent, standing);
  for (const { id: rule, consent: judge } of RULES) {
    if (judge && (ask !== "paid" || rule === "A20")) results.ask(rule, () => judge(opened));
  }
  results.add("T2", isStale(facts) ? [always("UNKNOWN", "stale"), ...currency(facts)] : currency(facts));
  const warnings = [...openDisputes(context, id), ...warnForm(opened)];
  if (ask !== "in_force") warnings.push(...warnReleased(context, consent));
  if (ask !== "paid" && notice && (notice instanceof Unread || isUse(notice))) {
    const against = judgeExclusivity(useOfConsent(context, consent, notice));
    const clashes = new Set(against.filter(({ result }) => result === "FAIL").flatMap(({ entries }) => entries));
    if (clashes.size) warnings.push({ code: "clashes", entries: [...clashes].sort((a, b) => a - b) });
  }
  const rows = results.rows(), money = ask === "in_force" ? null : judgeConsentMoney(context, consent);
  /** @type {Answers} */
  const found = {};
  if (ask !== "paid") found.answer = answerOf(worst(rows.map(({ result }) => result)), "IN_FORCE", "NOT_IN_FORCE");
  if (money) {
    rows.push(...money.rows);
    warnings.push(...money.warnings);
    found.paid = asProven(money.paid, facts);
  }
  return { rows, warnings, found };
}

/** @param {Context} context @param {Question} question @param {Facts} facts @returns {Decision} */
function decideParty(context, question, facts) {
  const rows = bookOf(context, question);
  /** @type {Map<string, Answers & {usage: string}>} */
  const usages = new Map();
  /** @type {Map<string, Answers & {consent: string}>} */
  const consents = new Map();
  for (const index of question.ask === "complete" ? [] : rows) {
    const entry = context.record.entry(index), named = entry?.statement.id ?? "";
    if (holds(entry, "consent") && !consents.has(named)) { // a copy adds no answer
      consents.set(named, { consent: named, ...judgeConsent(context, entryAskedAbout(context, named, "consent"), facts, undefined).found });
    }
    if (!holds(entry, "usage") || usages.has(named)) continue;
    const { found } = judgeUsage(context, entryAskedAbout(context, named, "usage"), facts, undefined, null);
    usages.set(named, { usage: named, ...found, ...(found.paid && { paid: ownLines(found.paid, "usage") }) });
  }
  const row = basisRow(facts, rows);
  return {
    answer: answerOf(row.result, "COMPLETE", "CANNOT_TELL"), rules: inOrder([row]), usages: [...usages.values()],
    consents: [...consents.values()], warnings: clockRemark(facts), faults: faultsOf(context),
  };
}

/** The entries of a record book: all that name the party; of one consent, those of its lists that do. @param {Context} context @param {Question} question */
function bookOf({ record }, { id, consent }) {
  if (!consent) return record.rows(`party:${id}`) ?? [];
  const found = new Set(BOOK_LISTS.flatMap((kind) => record.rows(`${kind}:${consent}`) ?? []));
  return [...found].sort((a, b) => a - b).filter((index) => {
    const entry = record.entry(index);
    return entry && subjects(entry.statement).has(`party:${id}`);
  });
}

/** @param {Context} context @param {string} id @param {Facts} facts @returns {Decision} */
function decideAsset(context, id, facts) {
  const rows = context.record.rows(`asset:${id}`) ?? [], row = basisRow(facts, rows);
  return {
    answer: answerOf(row.result, rows.length ? "REGISTERED" : "NOT_REGISTERED", "CANNOT_TELL"), rules: inOrder([row]),
    warnings: clockRemark(facts), faults: faultsOf(context),
  };
}

/** @param {Facts} facts @returns {Remark[]} */
function clockRemark(facts) {
  return isClockBehind(facts) ? [{ code: "clock_behind", entries: [] }] : [];
}

/** T2 for an answer about what the log holds: it is true as of the checkpoint, however old that is. @param {Facts} facts @param {readonly number[]} rows @returns {Row} */
function basisRow(facts, rows) {
  return isUnaudited(facts)
    ? { rule: "T2", result: "UNKNOWN", code: "not_audited", entries: [] } : { rule: "T2", result: "PASS", code: "ok", entries: rows };
}

/**
 * The first good copy of the statement, else the first doubtful one, else the first.
 * @template {import("./model/context.js").StatementType} T
 * @param {Context} context @param {string} id @param {T} type @returns {import("./model/record.js").Entry<T>}
 */
function entryAskedAbout(context, id, type) {
  const entries = context.record.find(id).map((index) => context.record.entry(index)).filter((entry) => holds(entry, type));
  const first = (/** @type {string} */ wanted) => entries.find((entry) => context.standing(entry).standing === wanted);
  const found = first("good") ?? first("doubtful") ?? entries[0];
  if (!found) throw new Error("step 14 asks for the statement");
  return found;
}

/** One row per rule, in order; rules that were not asked are not applicable. @param {readonly Row[]} found @returns {Row[]} */
function inOrder(found) {
  const rows = new Map(found.map((row) => [row.rule, row]));
  return RULES.map(({ id }) => rows.get(id) ?? { rule: id, result: "NOT_APPLICABLE", code: "not_applicable", entries: [] });
}

/** @param {Question} question @returns {Decision} */
function rulesUnknown({ kind, ask }) {
  const rules = RULES.map(({ id }) => /** @type {Row} */ ({ rule: id, result: "UNKNOWN", code: "rules_unknown", entries: [] }));
  /** @type {Decision} */
  const found = { rules, warnings: [], faults: [] };
  const word = "CANNOT_TELL";
  if (ask !== "paid") found[kind === "usage" ? "authorised" : "answer"] = word;
  if ((kind === "usage" || kind === "consent") && (ask === undefined || ask === "paid")) found.paid = { answer: word, currency: null, payees: [] };
  return found;
}

/** The void entries that the file shows, by reason code. @param {Context} context */
function faultsOf(context) {
  for (const entry of context.record.entries.values()) context.standing(entry);
  /** @type {Map<string, number[]>} */
  const byCode = new Map();
  for (const [index, { code }] of context.faults()) byCode.set(code, [...(byCode.get(code) ?? []), index]);
  return ordered([...byCode].map(([code, entries]) => ({ code, entries })));
}

/** @param {readonly Remark[]} remarks */
function ordered(remarks) {
  const byEntries = (/** @type {readonly number[]} */ a, /** @type {readonly number[]} */ b) => {
    const place = a.findIndex((entry, i) => entry !== b[i]);
    return place < 0 ? a.length - b.length : place >= b.length ? 1 : /** @type {number} */ (a[place]) - /** @type {number} */ (b[place]);
  };
  return [...remarks].sort((a, b) => codeOrder(a.code) - codeOrder(b.code) || byEntries(a.entries, b.entries));
}

/**
 * A18: what had to be paid before a use, and what must not stay unpaid for too long while it runs. Only the legs on which
 * licensees pay count: whether an agency passed money on is no matter of the licensee's.
 */

import { DAY } from "../../base/instant.js";
import { always, during, FOREVER, most } from "../model/results.js";
import { Allocation, byTime, compareEntries, settle } from "../money/allocation.js";
import { openBook } from "../money/book.js";
import { sum } from "../money/amounts.js";
import { firstOf, reason, rising } from "../money/reasons.js";

/**
 * @typedef {import("./case.js").UsageCase} UsageCase
 * @typedef {import("../model/results.js").Timed} Timed
 * @typedef {import("../money/allocation.js").Claim} Claim
 * @typedef {import("../money/allocation.js").DueLine} DueLine
 * @typedef {import("../money/book.js").Book} Book
 * @typedef {import("../money/leg_book.js").LegBook} LegBook
 * @typedef {import("../money/reasons.js").Reason} Reason
 */
/** [start, end) in which something is late, or may be for the reason `code`. @typedef {{start: bigint, end: bigint, code: string, entries: readonly number[]}} Span */
/** `session`: what the consent owes comes first; else what the usage's own entry made due. @typedef {{session: boolean, start: bigint}} First */

/** Entries that one result names at most. */
const MANY_ENTRIES = 64;
/** Why something cannot be told where payee and provider agree on what came, and not on when. */
const DATES_DIFFER = reason("M5", "amounts_differ");

/** @param {UsageCase} usageCase @returns {Timed[]} */
export function judgeMoneyFirst(usageCase) {
  const { pay_first = "none", overdue_limit } = usageCase.allowed;
  if (pay_first === "none" && overdue_limit === undefined) return [always("NOT_APPLICABLE", "not_applicable")];
  const book = openBook(usageCase.context, usageCase.statement.consent);
  return [
    ...(pay_first === "none" ? [] : [paidFirst(usageCase, book, pay_first === "session")]),
    ...(overdue_limit === undefined ? [] : overdue(usageCase, book, overdue_limit)),
    always("PASS", "ok", usageCase.consent.index, usageCase.usage.index),
  ];
}

// -- pay_first

/** PASS by the least received; else, before the start, UNKNOWN; FAIL where the most does not do either. @param {UsageCase} usageCase @param {Book} book @param {boolean} session */
function paidFirst(usageCase, book, session) {
  const { usage, consent, window, windowCode, context } = usageCase;
  if (!window) return always("UNKNOWN", windowCode, usage.index);
  const first = { session, start: window.start };
  if (!book.legs.length || isBlocked(book)) return unknown(usageCase, blockedBy(book));
  const own = book.usages.get(usageCase.statement.id);
  const wanted = session ? book.consentClaims.filter((claim) => book.comesFirst(claim, window.start)) : own ? [own] : [];
  const lost = wanted.flatMap((claim) => book.dues.lost.get(claim) ?? []);
  if (lost.length) return unknown(usageCase, lost);
  let enough = true, possible = true;
  /** @type {Reason[]} */
  const reasons = [];
  for (const one of licenseesLegs(book)) {
    const unsure = [...book.blocked, ...book.consentBlocked, ...one.unknowns];
    if (!came(usageCase, one, first, { due: true, received: false })) {
      enough = false;
      reasons.push(...(unsure.length ? unsure : [...one.reasons, ...(book.arising?.doubts ?? [])]));
      possible &&= unsure.length > 0 || came(usageCase, one, first, { due: false, received: true });
    } else if (unsure.length) {
      enough = false;
      reasons.push(...unsure);
    }
  }
  if (enough) return always("PASS", "ok", consent.index, usage.index);
  if (first.start > context.instant) return always("UNKNOWN", "not_yet", usage.index);
  if (possible) return unknown(usageCase, reasons);
  const { result, code } = no(usageCase, "not_prepaid");
  return always(result, code, consent.index, usage.index);
}

/**
 * Whether money from before the start fills, of each claim, what has to come first; by the least or the most of each, as it
 * was once the usage was logged: what later reports add takes nothing away from it.
 * @param {UsageCase} usageCase @param {LegBook} one @param {First} first @param {{due: boolean, received: boolean}} most
 */
function came(usageCase, one, first, { due, received }) {
  /** @type {Map<Claim, bigint>} */
  const dues = new Map();
  /** @type {import("../money/allocation.js").Inflow[]} */
  const freed = [];
  let later = false; // whether a claim arose after this usage's
  for (const claim of one.claims) {
    const lines = linesBefore(usageCase, one, claim, due, later), owed = sum(lines.map(({ amount }) => amount)), last = lines.at(-1);
    if (owed < 0n && last && !later) {
      freed.push({ at: last.logged, amount: -owed, lines: [], entries: [], licensee: false, credit: false });
    }
    dues.set(claim, owed > 0n ? owed : 0n);
    later ||= claim.id === usageCase.statement.id;
  }
  const early = one.came(received).filter(({ at }) => at < first.start);
  const found = new Allocation(dues, byTime([...freed, ...early]), one.dues.names, one.dues.consent);
  return one.claims.every((claim) => {
    const wanted = missingFirst(usageCase, one, claim, first, due);
    return wanted <= 0n || found.received(claim) >= wanted;
  });
}

/** What of a claim has to come before the start. @param {UsageCase} usageCase @param {LegBook} one @param {Claim} claim @param {First} first @param {boolean} most */
function missingFirst(usageCase, one, claim, { session, start }, most) {
  const total = (/** @type {readonly DueLine[]} */ lines) => sum(lines.map(({ amount }) => amount));
  if (!claim.ofConsent) return session || claim.id !== usageCase.statement.id ? 0n : total(linesBefore(usageCase, one, claim, most));
  const lines = one.lines(claim, most);
  if (!session) return total(lines.filter(({ index }) => index === usageCase.usage.index));
  return total(lines.filter((line) => line.first || (line.dueAt !== null && line.dueAt < start)));
}

/** The lines of a claim; of a usage that was not declared later, those that were there once this one was. @param {UsageCase} usageCase @param {LegBook} one @param {Claim} claim @param {boolean} most @param {boolean} [later] */
function linesBefore({ usage }, one, claim, most, later = false) {
  const lines = one.debt(most).lines.get(claim) ?? [];
  return claim.ofConsent || later ? lines : lines.filter(({ index }) => index <= usage.index);
}

// -- overdue_limit

/** FAIL while a line is overdue for too long by the most received and by the least; UNKNOWN while it is by the least alone; nothing after the instant. @param {UsageCase} usageCase @param {Book} book @param {bigint} limit @returns {Timed[]} */
function overdue(usageCase, book, limit) {
  const now = usageCase.context.instant;
  if (!book.legs.length || isBlocked(book)) return [{ ...unknown(usageCase, blockedBy(book)), start: 1n - FOREVER, end: now }];
  const { certain, possible } = book.recall(`overdue ${limit}`, () => lateSpans(book, limit)), { result, code } = no(usageCase, "overdue");
  const till = (/** @type {Span} */ { end }) => (end < now ? end : now);
  return [
    ...certain.filter(({ start }) => start < now).map((one) => during(one.start, till(one), result, code, ...one.entries)),
    ...possible.filter(({ start }) => start < now).map((one) => during(one.start, till(one), "UNKNOWN", one.code, ...one.entries)),
  ];
}

/** When lines are surely, and when they are perhaps, overdue for longer than `limit` days. @param {Book} book @param {bigint} limit */
function lateSpans(book, limit) {
  /** @type {Span[]} */
  const certain = [], possible = /** @type {Span[]} */ ([]);
  for (const one of licenseesLegs(book)) {
    const hidden = [...book.blocked, ...one.unknowns];
    for (const claim of one.claims) {
      const lost = book.dues.lost.get(claim);
      if (lost) possible.push(span(book.fallsDue(claim) + limit * DAY, FOREVER, [lost], book.entries(claim)));
      else if (hidden.length || !isInTime(one, claim, limit)) addLate(book, one, claim, limit, hidden, certain, possible);
    }
  }
  if (book.consentBlocked.length) possible.push(span(0n, FOREVER, book.consentBlocked, []));
  return { certain: united(certain), possible: united(possible) };
}

/** Whether all of a claim's lines were surely filled before any of them was overdue for too long. @param {LegBook} one @param {Claim} claim @param {bigint} limit */
function isInTime(one, claim, limit) {
  const dates = (one.debt(true).lines.get(claim) ?? []).flatMap(({ dueAt }) => dueAt ?? []), fullAt = one.sure.fullAt(claim);
  return dates.every((date) => fullAt !== null && fullAt <= date + limit * DAY);
}

/** @param {Book} book @param {LegBook} one @param {Claim} claim @param {bigint} limit @param {readonly Reason[]} hidden @param {Span[]} certain @param {Span[]} possible */
function addLate(book, one, claim, limit, hidden, certain, possible) {
  const lines = one.lines(claim, true), perhaps = settle(lines, one.possible.arrivals(claim));
  settle(lines, one.sure.arrivals(claim)).forEach(({ line, filledAt }, place) => {
    if (line.dueAt === null || line.amount <= 0n) return; // a line of -1 is owed by nobody
    const late = line.dueAt + limit * DAY, byLeast = filledAt ?? FOREVER, byMost = perhaps[place]?.filledAt ?? FOREVER;
    const early = one.differs(claim) ? late : byMost < byLeast ? byMost : byLeast; // where the readings part, the line may not be there
    const [first, last] = hidden.length ? [late, FOREVER] : [early, byLeast];
    if (late < first) certain.push({ start: late, end: first, code: "overdue", entries: [line.index] });
    if (most(late, first) < last) possible.push(span(most(late, first), last, hidden.length ? hidden : book.whyUntold(one, claim), [line.index]));
  });
}

/** @param {bigint} start @param {bigint} end @param {readonly Reason[]} reasons @param {readonly number[]} entries @returns {Span} */
function span(start, end, reasons, entries) {
  const why = firstOf(reasons) ?? DATES_DIFFER;
  return { start, end, code: why.code, entries: why.entries.length ? why.entries : entries };
}

/** The same stretches without overlaps: where several overlap, the one that begins first stands for them, as far as it reaches. @param {readonly Span[]} spans */
function united(spans) {
  /** @type {Span[]} */
  const found = [];
  const ordered = [...spans].sort((a, b) => (a.start !== b.start ? (a.start < b.start ? -1 : 1) : a.end !== b.end ? (a.end > b.end ? -1 : 1) : compareEntries(a.entries, b.entries)));
  for (const one of ordered) {
    const last = found.at(-1), reached = last?.end ?? -FOREVER;
    if (one.end <= reached) continue;
    if (last && last.code === one.code && one.start <= reached && last.entries.length < MANY_ENTRIES) {
      found[found.length - 1] = { ...last, end: one.end, entries: rising([...last.entries, ...one.entries]) };
    } else found.push({ ...one, start: most(one.start, reached) });
  }
  return found;
}

/** Whether some line of a consent was overdue at an instant, as far as can be told. @param {import("../model/context.js").Context} context @param {string} consent @param {bigint} instant */
export function mayBeOverdue(context, consent, instant) {
  const book = openBook(context, consent);
  if (!book.legs.length || isBlocked(book)) return true;
  if (book.consentBlocked.length) return true;
  return licenseesLegs(book).some((one) => one.claims.some((claim) => claimMayBeOverdue(book, one, claim, instant)));
}

/** Whether a line had fallen due before an instant, and was not surely filled by then. @param {Book} book @param {LegBook} one @param {Claim} claim @param {bigint} instant */
function claimMayBeOverdue(book, one, claim, instant) {
  if (book.dues.lost.has(claim) || (book.usagesBlocked.length && !claim.ofConsent)) return book.fallsDue(claim) < instant;
  return settle(one.lines(claim, true), one.sure.arrivals(claim)).some(({ line: { dueAt, amount }, filledAt }) => {
    const isFilled = filledAt !== null && filledAt <= instant && !one.unknowns.length;
    return dueAt !== null && amount > 0n && dueAt < instant && !isFilled;
  });
}

// -- shared

/** @param {Book} book */
const licenseesLegs = (book) => book.legs.filter(({ leg }) => leg.kind !== "from_agency");
/** Why nothing can be told of the consent's lines, or of its usages': a condition turns on both. @param {Book} book */
const blockedBy = (book) => [...book.blocked, ...(book.schedule?.doubts ?? [])];
/** @param {Book} book */
const isBlocked = (book) => blockedBy(book).some(({ rule }) => rule === "M1" || rule === "M2" || rule === "M3");

/** FAIL; but too long after the checkpoint nobody can tell what came since (section 7.2). @param {UsageCase} usageCase @param {string} code @returns {{result: import("../model/results.js").Result, code: string}} */
function no({ context }, code) {
  return context.stale ? { result: "UNKNOWN", code: "stale" } : { result: "FAIL", code };
}

/** @param {UsageCase} usageCase @param {readonly Reason[]} reasons */
function unknown(usageCase, reasons) {
  const { code, entries } = firstOf(reasons) ?? DATES_DIFFER;
  return always("UNKNOWN", code, ...(entries.length ? entries : [usageCase.usage.index]));
}

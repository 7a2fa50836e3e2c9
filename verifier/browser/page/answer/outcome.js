/** The answer first: which of the outcomes it is, and one sentence with a name, an amount and a date. */

import { conclude, oneWord } from "../../evidence/conclude.js";
import { numberOf, objectOf, objectsOf, owesNothing, textOf, textsOf } from "../../evidence/explain.js";

/**
 * @typedef {import("./view.js").View} View
 * @typedef {import("./view.js").Sentence} Sentence
 * @typedef {import("../../base/canonical.js").JsonObject} JsonObject
 * @typedef {"yes" | "due" | "no" | "mis" | "unk"} Tone
 * @typedef {{tone: Tone, kind: string, sentence: Sentence}} Outcome
 */

/** Steps that fail where a file says otherwise than the log; where any other fails, the file cannot be read, or not by this policy. */
const AGAINST_THE_LOG = new Set([7, 8, 9, 10, 11, 12, 13]);
const TONES = { yes: "yes", not_yet_due: "due", no: "no", cannot_tell: "unk" };

/** @param {View} view @returns {Outcome} */
export function outcomeOf(view) {
  const { verdict, question } = view;
  if (textOf(verdict, "outcome") === "invalid") return invalid(view);
  if (question.kind === "asset") return asset(view);
  const tone = /** @type {Tone} */ (TONES[conclude(verdict)]);
  if (question.kind === "usage") return { tone, kind: view.say(kindOfUse(view, tone)), sentence: ofUse(view) };
  if (question.kind === "consent") return { tone, kind: view.say(kindOfConsent(view, tone)), sentence: ofConsent(view) };
  const kinds = { yes: "view.kind.book", due: "view.kind.book_due", no: "view.kind.no", mis: "view.kind.mis", unk: "view.kind.unk" };
  return { tone, kind: view.say(kinds[tone]), sentence: ofBook(view, tone) };
}

/** The tone of one of many: a use or a consent of a record book. @param {JsonObject} one @returns {Tone} */
export function toneOf(one) {
  return /** @type {Tone} */ (TONES[oneWord([textOf(one, "authorised") ?? textOf(one, "answer"), textOf(objectOf(one, "paid"), "answer")])]);
}

/** @param {View} view @returns {Outcome} */
function invalid(view) {
  const step = numberOf(view.verdict, "step");
  if (AGAINST_THE_LOG.has(step)) return { tone: "mis", kind: view.say("view.kind.mis"), sentence: [view.say("view.mis.sentence")] };
  const id = step === 5 ? "view.other_log" : step === 6 ? "view.no_quorum" : step === 14 ? "view.not_in_it" : "view.unreadable";
  return { tone: "unk", kind: view.say("view.kind.unk"), sentence: [view.say(id)] };
}

/** @param {View} view @returns {Outcome} */
function asset(view) {
  const answer = textOf(view.verdict, "answer");
  if (textsOf(view.verdict, "files").some((digest) => digest !== view.question.id)) {
    return { tone: "unk", kind: view.say("view.kind.unk"), sentence: [view.say("view.asset.other_file")] };
  }
  if (answer === "REGISTERED") {
    const row = objectsOf(view.verdict, "rules").find((one) => textOf(one, "rule") === "T2");
    const n = /** @type {number[]} */ (row?.get("entries") ?? []).length;
    return { tone: "yes", kind: view.say("view.kind.registered"), sentence: [view.say("view.asset.yes", { n })] };
  }
  if (answer === "NOT_REGISTERED") return { tone: "unk", kind: view.say("view.kind.not_registered"), sentence: [view.say("view.asset.no")] };
  return { tone: "unk", kind: view.say("view.kind.unk"), sentence: [view.say("view.asset.unknown")] };
}

/** @param {View} view @param {Tone} tone */
function kindOfUse({ verdict }, tone) {
  const isAsked = { use: verdict.has("authorised"), money: verdict.has("paid") };
  if (tone === "yes") return isAsked.use && isAsked.money && owes(objectOf(verdict, "paid")) ? "view.kind.yes" : isAsked.use ? "view.kind.allowed" : "view.kind.paid";
  if (tone === "due") return isAsked.use ? "view.kind.due" : "view.kind.due_alone";
  return tone === "no" ? "view.kind.no" : "view.kind.unk";
}

/** @param {View} view @param {Tone} tone */
function kindOfConsent({ verdict }, tone) {
  const paid = objectOf(verdict, "paid"), isAsked = verdict.has("answer");
  if (!isAsked) return kindOfUse(/** @type {View} */ ({ verdict }), tone);
  if (tone === "yes") return owes(paid) ? "view.kind.in_force_paid" : "view.kind.in_force";
  if (tone === "due") return "view.kind.in_force_due";
  if (tone === "no") return textOf(verdict, "answer") === "NOT_IN_FORCE" ? "view.kind.not_in_force" : "view.kind.no";
  return "view.kind.unk";
}

/** @param {JsonObject | undefined} paid */
function owes(paid) {
  return objectsOf(paid, "payees").some((line) => numberOf(line, "due") > 0);
}

// ---- a use

/** @param {View} view */
export function rolesOf(view) {
  /** @type {Map<string, string>} */
  const roles = new Map();
  for (const one of objectsOf(objectOf(view.verdict, "about"), "parties")) roles.set(textOf(one, "role") ?? "", textOf(one, "party") ?? "");
  return roles;
}

/** Who uses a twin. @param {View} view */
export function userOf(view) {
  const roles = rolesOf(view);
  const role = ["sublicensee", "licensee", "maker"].find((one) => roles.has(one)) ?? "licensee";
  return view.who(role, roles.get(role));
}

/** @param {View} view @returns {Sentence} */
function ofUse(view) {
  const sentences = [view.verdict.has("authorised") ? allowed(view) : null, view.verdict.has("paid") ? moneyOf(view, objectOf(view.verdict, "paid")) : null];
  return joined(sentences);
}

/** @param {readonly (Sentence | null)[]} sentences @returns {Sentence} */
function joined(sentences) {
  return sentences.filter((one) => one !== null).flatMap((one, place) => (place ? [" ", ...one] : one));
}

/** @param {View} view @returns {Sentence} */
function allowed(view) {
  const { verdict, instant } = view;
  const who = userOf(view), files = view.files(numberOf(objectOf(verdict, "about"), "files"));
  const segments = objectsOf(verdict, "segments"), answer = textOf(verdict, "authorised");
  const start = view.instantOf(segments[0], "from"), end = view.instantOf(segments.at(-1), "to");
  if (answer === "AUTHORISED" && start !== null && end !== null) {
    if (instant < start) return view.parts("view.use.before", { who, files, start: view.day(start) });
    return view.parts(instant < end ? "view.use.during" : "view.use.after", { who, files, end: view.day(end) });
  }
  if (answer !== "NOT_AUTHORISED") return view.parts("view.use.unknown", { who, files });
  const failed = objectsOf(verdict, "rules").filter((row) => textOf(row, "result") === "FAIL" && !textOf(row, "rule")?.startsWith("M"));
  if (failed.length === 1 && textOf(failed[0], "code") === "asset_not_named") return view.parts("view.use.other_file", { who });
  const [first, second] = segments.map((one) => textOf(one, "authorised")), at = view.instantOf(segments[1], "from");
  if (segments.length === 2 && at !== null && first === "AUTHORISED" && second === "NOT_AUTHORISED") return view.parts("view.use.not_from", { who, files, at: view.day(at) });
  if (segments.length === 2 && at !== null && first === "NOT_AUTHORISED" && second === "AUTHORISED") return view.parts("view.use.not_until", { who, files, at: view.day(at) });
  return view.parts("view.use.not", { who, files });
}

/** The lines that count in a sum: what an agency passes on was owed to it before. @param {JsonObject | undefined} paid */
export function countedOnce(paid) {
  return objectsOf(paid, "payees").filter((line) => textOf(line, "leg") !== "from_agency" && !owesNothing(line));
}

/** The lines that were not paid, each debt once: what an agency was not paid it cannot have passed on. @param {JsonObject | undefined} paid */
export function lateLines(paid) {
  const late = objectsOf(paid, "payees").filter((line) => textOf(line, "answer") === "NOT_PAID" && numberOf(line, "outstanding"));
  const isAgencyOwed = late.some((line) => textOf(line, "leg") === "to_agency");
  return late.filter((line) => !isAgencyOwed || textOf(line, "leg") !== "from_agency");
}

/** @param {readonly JsonObject[]} lines @param {string} name */
export function sum(lines, name) {
  return lines.reduce((total, line) => total + BigInt(numberOf(line, name)), 0n);
}

/** @param {View} view @param {JsonObject | undefined} paid @returns {Sentence} */
function moneyOf(view, paid) {
  const answer = textOf(paid, "answer"), currency = textOf(paid, "currency"), lines = countedOnce(paid);
  const amount = (/** @type {readonly JsonObject[]} */ of, /** @type {string} */ name) => view.words.money(sum(of, name), currency);
  if (answer === "PAID") return [sum(lines, "due") ? view.say("view.owed.paid", { amount: amount(lines, "due") }) : view.say("view.owed.nothing")];
  if (answer === "NOT_YET_DUE") {
    const notYet = (/** @type {JsonObject} */ line) => textOf(line, "answer") === "NOT_YET_DUE" && numberOf(line, "outstanding");
    const owed = lines.filter(notYet), open = owed.length ? owed : objectsOf(paid, "payees").filter(notYet); // else the agency has it all
    const dates = [...new Set(open.map((line) => textOf(line, "due_at") ?? ""))].sort();
    const first = view.instantOf(open.find((line) => textOf(line, "due_at") === dates[0]), "due_at");
    if (first === null || dates[0] === "") return [view.say("view.owed.due_some_day", { amount: amount(open, "outstanding") })];
    return [view.say(dates.length > 1 ? "view.owed.due_first" : "view.owed.due", { amount: amount(open, "outstanding"), at: view.date(first) })];
  }
  if (answer === "NOT_PAID") {
    const late = lateLines(paid);
    const days = late.reduce((most, line) => Math.max(most, numberOf(line, "days_late")), 0);
    if (!late.length) return [view.say("view.owed.not_all")];
    if (!days) return [view.say("view.owed.not", { amount: amount(late, "outstanding") })];
    return [view.say("view.owed.late", { amount: amount(late, "outstanding"), days_late: view.say("days_late", { n: days }) })];
  }
  return [view.say("view.owed.unknown")];
}

// ---- a consent, a record book

/** @param {View} view @returns {Sentence} */
function ofConsent(view) {
  const { verdict } = view, roles = rolesOf(view), answer = textOf(verdict, "answer"), paid = objectOf(verdict, "paid");
  const who = userOf(view), model = view.who("model", roles.get("model"));
  const isCreate = roles.has("maker") && !roles.has("licensee");
  const ids = { IN_FORCE: isCreate ? "view.consent.create" : "view.consent.yes", NOT_IN_FORCE: "view.consent.no", CANNOT_TELL: "view.consent.unknown" };
  const said = answer === undefined ? null : view.parts(ids[/** @type {keyof typeof ids} */ (answer)], { who, model });
  const isMoneyWorthSaying = paid && (owes(paid) || textOf(paid, "answer") !== "PAID" || answer === undefined);
  return joined([said, isMoneyWorthSaying ? moneyOf(view, paid) : null]);
}

/** @param {View} view @param {Tone} tone @returns {Sentence} */
function ofBook(view, tone) {
  const who = view.who("holder", view.question.id), uses = objectsOf(view.verdict, "usages"), consents = objectsOf(view.verdict, "consents");
  const items = [...uses.map(toneOf), ...consents.map((one) => toneOfOwed(one))];
  const of = view.say("view.book.items", { n: items.length }), n = items.filter((one) => one === tone).length;
  if (tone === "no" && n) return view.parts("view.book.no", { who, n, of });
  if (tone === "unk") return n ? view.parts("view.book.unknown", { who, n, of }) : view.parts("view.book.unknown_whole", { who });
  if (!uses.length) return view.parts("view.book.empty", { who });
  return view.parts(tone === "due" ? "view.book.due" : "view.book.yes", { who, n: uses.length });
}

/** Of a consent in a record book only what was paid counts: that one ran out is no fault of anybody. @param {JsonObject} consent @returns {Tone} */
export function toneOfOwed(consent) {
  const paid = textOf(objectOf(consent, "paid"), "answer");
  return paid === undefined ? "yes" : /** @type {Tone} */ (TONES[oneWord([paid])]);
}

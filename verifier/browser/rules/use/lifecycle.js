/** A use against the life of its consent: A3, A5, A6, and how its declaration's time bears on it (T4, T7). */

import { Unread } from "../model/context.js";
import { always, during, FOREVER, least, most, unread } from "../model/results.js";
import { judgeDisputes } from "../standing/disputes.js";
import { exercisesOf } from "../standing/stops.js";
import { covers } from "./approvals.js";
import { isUse, UsageCase } from "./case.js";
import { runOf } from "./term.js";

/**
 * @typedef {import("./case.js").ConsentCase} ConsentCase
 * @typedef {import("../model/results.js").Timed} Timed
 * @typedef {import("../standing/stops.js").Stop} Stop
 * @typedef {import("../standing/stops.js").Stops} Stops
 * @typedef {import("../model/context.js").Judgement} Judgement
 */

/** T4: declared in time, or by an approval of the model lifted. @param {UsageCase} usageCase @returns {Timed[]} */
export function judgeDeclaredLate(usageCase) {
  const { window, usage, terms, consent } = usageCase;
  if (!window) return [always("UNKNOWN", usageCase.windowCode, usage.index)];
  const { start } = window, { logged } = usage, passes = always("PASS", "ok", usage.index);
  if (logged <= start) return [passes];
  const after = during(logged, FOREVER, "PASS", "ok", usage.index);
  if (terms instanceof Unread) return [during(start, logged, "UNKNOWN", terms.code, consent.index), after];
  if (logged <= start + (terms.late_window ?? 0n)) return [passes];
  const lifted = approvedByHerself(usageCase);
  if (!(lifted instanceof Unread)) return [always("PASS", "ok", usage.index, ...lifted)];
  return [during(start, logged, "UNKNOWN", lifted.code, usage.index, ...lifted.entries), after];
}

/** The approvals of every asset by the model herself after the declaration, or why there are none to be seen. @param {UsageCase} usageCase */
function approvedByHerself(usageCase) {
  /** @type {Set<number>} */
  const found = new Set();
  for (const asset of usageCase.statement.assets) {
    const listed = usageCase.context.listed(`approval:${usageCase.statement.consent}.${asset}`, "approval");
    if (!listed) return new Unread("list_missing");
    let why = new Unread("declared_late"), isCovered = false;
    for (const [entry, { standing }] of listed) {
      const hers = entry.statement.decision === "approve" && !entry.statement.under;
      if (!hers || entry.index < usageCase.usage.index || standing !== "good") continue;
      const covered = covers(usageCase, entry);
      if (covered === true) {
        found.add(entry.index);
        isCovered = true;
        break;
      }
      if (covered) why = covered;
    }
    if (!isCovered) return why;
  }
  return [...found].sort((a, b) => a - b);
}

/** T7: nothing works backwards. @param {UsageCase | ConsentCase} usageCase @returns {Timed[]} */
export function judgeNotice(usageCase) {
  const found = [...usageCase.stops.revocations, ...usageCase.stops.suspensions];
  if (!found.length) return [always("NOT_APPLICABLE", "not_applicable")];
  const waiting = found.filter(({ waits }) => waits).map(({ index }) => index);
  const notice = usageCase instanceof UsageCase ? usageCase.terms : usageCase.notice;
  if (notice instanceof Unread && waiting.length) return [always("UNKNOWN", notice.code, ...waiting)];
  return [always("PASS", "ok", ...found.map(({ index }) => index))];
}

/** A3: the twin was registered under a creation consent before the consent, and not retired before it. @param {UsageCase | ConsentCase} usageCase @returns {Timed[]} */
export function judgeTwin({ context, consent }) {
  const id = consent.statement.twin;
  if (!id) return [always("NOT_APPLICABLE", "not_applicable")];
  const [twin, { standing, code, entries }] = context.named(`twin:${id}`, id, consent.index);
  if (standing === "doubtful") return [always("UNKNOWN", code, ...entries)];
  if (!twin || standing === "void") return [always("FAIL", "twin_not_registered", consent.index)];
  let unsure = null;
  for (const [entry, found] of context.listed(`twin:${id}`, "revocation") ?? []) {
    if (entry.index >= consent.index) continue;
    if (found.standing === "good") return [always("FAIL", "twin_retired", entry.index)];
    unsure = always("UNKNOWN", found.code, entry.index);
  }
  return [unsure ?? always("PASS", "ok", twin.index)];
}

/** A3 for a use: and every file that the reader compared is named by the usage. @param {UsageCase} usageCase */
export function judgeTwinAndFiles(usageCase) {
  const strange = usageCase.files.some((digest) => !usageCase.statement.assets.includes(digest));
  return [...(strange ? [always("FAIL", "asset_not_named", usageCase.usage.index)] : []), ...judgeTwin(usageCase)];
}

/** A4: a good consent for this licensee stands behind the use. @param {UsageCase} usageCase */
export function judgeClosedWorld({ context, consent }) {
  const { standing, code } = context.standing(consent);
  if (standing === "good") return [always("PASS", "ok", consent.index)];
  return [standing === "doubtful" ? always("UNKNOWN", code, consent.index) : always("FAIL", "no_consent", consent.index)];
}

/** A5 for a use. @param {UsageCase} usageCase @returns {Timed[]} */
export function judgeSuspended(usageCase) {
  const { stops, usage, terms, consent } = usageCase;
  return [
    ...stops.suspensions.flatMap((stop) => stopped(usageCase, stop)),
    ...stops.replacedBy.filter(([{ index }]) => index < usage.index).map(([entry, why]) => replaced(entry.index, why)),
    ...notExercised(usageCase, (exercise) => exercise.index < usage.index),
    ...missing(stops, stops.suspensions, terms),
    always("PASS", "ok", consent.index),
  ];
}

/**
 * What stands against an option that nobody took in time for what is asked.
 * @param {UsageCase | ConsentCase} usageCase @param {(exercise: {index: number, logged: bigint}) => boolean} inTime @returns {Timed[]}
 */
function notExercised({ context, consent }, inTime) {
  if (consent.statement.exercise_by === undefined) return [];
  const taken = exercisesOf(context, consent);
  if (!taken) return [always("UNKNOWN", "list_missing", consent.index)];
  const before = taken.filter(([entry]) => inTime(entry));
  if (before.some(([, { standing }]) => standing === "good")) return [];
  if (before.length) return before.map(([entry, { code }]) => always("UNKNOWN", code, entry.index));
  return [always("FAIL", "not_exercised", consent.index, ...taken.map(([{ index }]) => index))];
}

/** A6: the revocation race. @param {UsageCase} usageCase @returns {Timed[]} */
export function judgeRevoked(usageCase) {
  const { stops, terms, consent } = usageCase;
  return [
    ...stops.revocations.flatMap((stop) => stopped(usageCase, stop)),
    ...missing(stops, stops.revocations, terms),
    always("PASS", "ok", consent.index),
  ];
}

/** @param {number} index @param {Judgement} judgement */
function replaced(index, { standing, code }) {
  return standing === "good" ? always("FAIL", "replaced", index) : always("UNKNOWN", code, index);
}

/** Why it cannot be told what else there is, or when what was found takes effect. @param {Stops} stops @param {readonly Stop[]} found @param {unknown} terms @returns {Timed[]} */
function missing(stops, found, terms) {
  if (!stops.missing || (!found.length && stops.missing === terms)) return [];
  return [always("UNKNOWN", stops.missing.code, ...stops.missing.entries)];
}

/** What one revocation or suspension does to a use (A6). @param {UsageCase} usageCase @param {Stop} stop @returns {Timed[]} */
function stopped(usageCase, stop) {
  const { window, usage, terms, use, stops } = usageCase, { index, judgement } = stop;
  if (!window) return [always("UNKNOWN", usageCase.windowCode, index)];
  const sure = judgement.standing === "good", certain = sure && !stops.missing;
  const code = sure ? stops.missing?.code ?? stop.code : judgement.code;
  const forbids = (/** @type {bigint} */ a, /** @type {bigint} */ b) =>
    during(a, b, certain ? "FAIL" : "UNKNOWN", certain ? stop.code : code, index);
  if (usage.index < index) {
    let soldOff = stop.start;
    if (!(terms instanceof Unread) && !(use instanceof Unread)) {
      soldOff = most(stop.start, least(stop.start + (terms.sell_off ?? 0n), use.ends));
    }
    return soldOff < stop.end ? [forbids(soldOff, stop.end)] : [];
  }
  return [
    during(window.start, least(usage.logged, stop.start), "UNKNOWN", "revocation_race", index, usage.index),
    forbids(stop.start, stop.end),
  ];
}

/** A20: whether the entry asked about is disputed or was ruled on. @param {UsageCase | ConsentCase} usageCase */
export function judgeRuled(usageCase) {
  const entry = usageCase instanceof UsageCase ? usageCase.usage : usageCase.consent;
  return judgeDisputes(usageCase.context, entry, usageCase.standing);
}

/** A17: what a sub-licensee does is judged by the consent, as every other rule here does. @param {UsageCase} usageCase */
export function judgeSublicence({ statement, consent, usage }) {
  if (!statement.parties?.sublicensee) return [always("NOT_APPLICABLE", "not_applicable")];
  return [always("PASS", "ok", consent.index, usage.index)];
}

/** A5 asked about a consent at one instant, for A6 and A10 too. @param {ConsentCase} consentCase @returns {Timed[]} */
export function judgeConsentInForce(consentCase) {
  const { context, consent, terms, stops } = consentCase, now = context.instant;
  const all = [...stops.revocations, ...stops.suspensions];
  const results = stops.replacedBy.map(([entry, judgement]) => replaced(entry.index, judgement));
  for (const stop of all) {
    if (now < stop.start || now >= stop.end) continue;
    const certain = stop.judgement.standing === "good" && (!stops.missing || stops.missing === terms);
    const code = certain ? stop.code : stops.missing?.code ?? stop.judgement.code;
    results.push(always(certain ? "FAIL" : "UNKNOWN", code, stop.index));
  }
  results.push(...notExercised(consentCase, (exercise) => exercise.logged <= now), ...missing(stops, all, terms));
  if (terms instanceof Unread) results.push(unread(terms, consent));
  else if (terms.starts >= terms.ends) results.push(always("UNKNOWN", "bad_terms", consent.index));
  else if (now < terms.starts) results.push(always("FAIL", "not_started", consent.index));
  else {
    const run = isUse(terms) ? runOf(context, consent, terms) : { ends: terms.ends, entries: [], unsure: FOREVER, code: "ok" };
    if (now >= run.ends) results.push(always("FAIL", "expired", consent.index, ...run.entries));
    else if (now >= run.unsure) results.push(always("UNKNOWN", run.code, consent.index, ...run.entries));
  }
  return [...results, always("PASS", "ok", consent.index)];
}

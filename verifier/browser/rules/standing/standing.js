/** An entry's standing before any ruling: what voids it, in the order T6, T8, A0, A1, A2, A5. */

import { DAY } from "../../base/instant.js";
import { doubtful, GOOD, holds, voided } from "../model/context.js";
import { judgeParties } from "./parties.js";
import { judgePower } from "./power.js";
import { judgeSigners } from "./signers.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/record.js").Entry} Entry
 */

export const LEEWAY = 300n;
const LATE = 30n * DAY;
/** How deep one entry's standing may rest on another's; long chains of consents and guardians need no depth. */
const MAX_DEPTH = 64;

/** The consent whose place another takes. @param {Entry} entry */
export function followed(entry) {
  return holds(entry, "consent") ? entry.statement.replaces ?? entry.statement.renews : undefined;
}

/**
 * The standing of an entry as if there were no rulings on it.
 * @param {Context} context
 * @param {Entry} entry
 * @returns {Judgement}
 */
export function baseStanding(context, entry) {
  const known = context.base.get(entry.index);
  if (known) return known;
  for (const older of unjudged(context, entry)) baseStanding(context, older);
  if (context.depth >= MAX_DEPTH) return doubtful("A0", "list_missing");
  context.depth++;
  try {
    const checks = voidChecks(context, entry);
    const found = checks.find(({ standing }) => standing === "void") ?? checks.find(({ standing }) => standing === "doubtful") ?? GOOD;
    context.base.set(entry.index, found);
    return found;
  } finally {
    context.depth--;
  }
}

/**
 * The consents that one follows and that are not judged yet, oldest first: a long chain needs no recursion.
 * @param {Context} context @param {Entry} entry
 */
function unjudged(context, entry) {
  /** @type {Entry[]} */
  const chain = [];
  for (let at = entry; ;) {
    const id = followed(at);
    const copies = id === undefined ? [] : context.record.find(id).filter((index) => index < at.index)
      .flatMap((index) => context.record.entry(index) ?? []);
    const fresh = copies.filter(({ index }) => !context.base.has(index));
    if (!fresh.length || !copies[0]) return chain.reverse();
    chain.push(...fresh.reverse());
    at = copies[0];
  }
}

/**
 * One judgement per rule that can void an entry: T6, T8, A0, A1, A2, A5; only the first three where A0 voids it.
 * @param {Context} context
 * @param {Entry} entry
 * @returns {Judgement[]}
 */
export function voidChecks(context, entry) {
  const parties = judgeParties(context, entry);
  const found = [judgeAhead(entry), judgeLate(context, entry), parties];
  if (parties.standing === "void") return found; // signers and mandates are looked up by the roles just found wrong
  return [...found, judgeSigners(context, entry), judgePower(context, entry), judgeFollows(context, entry)];
}

/** T6: a claimed time more than 5 minutes after the logged time. @param {Entry} entry */
function judgeAhead(entry) {
  return entry.statement.at > entry.logged + LEEWAY ? voided("T6", "void_ahead") : GOOD;
}

/** T8: logged more than 30 days after the claimed time, or an exercise after its option's last day. @param {Context} context @param {Entry} entry */
function judgeLate(context, entry) {
  if (entry.logged > entry.statement.at + LATE) return voided("T8", "void_late");
  if (!holds(entry, "exercise")) return GOOD;
  // Until when is in the consent's header, and so in its id: any copy says it.
  const until = context.record.find(entry.statement.consent).map((index) => context.record.entry(index))
    .flatMap((copy) => (holds(copy, "consent") ? copy.statement.exercise_by ?? [] : []));
  return until.some((by) => entry.logged >= by) ? voided("T8", "void_late") : GOOD;
}

/** A5: a consent follows one that no good consent at a lower index follows. @param {Context} context @param {Entry} entry @returns {Judgement} */
function judgeFollows(context, entry) {
  const id = followed(entry);
  if (id === undefined) return GOOD;
  const rows = context.record.rows(`consent:${id}`);
  if (!rows) return doubtful("A5", "list_missing");
  let unsure = GOOD;
  for (const index of rows) {
    if (index >= entry.index) break;
    const other = context.record.entry(index);
    if (!other || followed(other) !== id || other.statement.id === entry.statement.id) continue;
    const { standing, code } = context.standing(other);
    if (standing === "good") return voided("A5", "void_replaced", other.index);
    if (standing === "doubtful") unsure = doubtful("A5", code, other.index);
  }
  return unsure;
}

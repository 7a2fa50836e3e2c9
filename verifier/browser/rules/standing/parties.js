/** A0: what a statement stands on exists and is good, and it names exactly those whom it concerns (protocol, 4.2). */

import { formatInstant } from "../../base/instant.js";
import { parseVkey } from "../../log/note.js";
import { GOOD, LIST_MISSING, holds, voided } from "../model/context.js";
import { guardianAt, keyState } from "./keys.js";
import { kindOf, member } from "./kinds.js";
import { stateOfRegistry } from "./registry.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/record.js").Entry} Entry
 * @typedef {import("../../statements/types.js").Statement} Statement
 * @typedef {import("../../statements/types.js").StatementType} StatementType
 * @typedef {import("../../statements/types.js").Role} Role
 */
/**
 * What a statement stands on: the entries by the member that names them, and the worst standing met on the way.
 * @typedef {{worst: Judgement, entries: Map<string, Entry>}} StandsOn
 */

const WRONG = voided("A0", "void_parties");

/**
 * @param {StandsOn} found @param {string} name @param {[Entry | null, Judgement]} pair @param {StatementType} [type]
 */
function take(found, name, [entry, judgement], type) {
  if (entry && type && entry.statement.type !== type) {
    entry = null;
    judgement = WRONG;
  }
  if (judgement.standing === "void") {
    found.worst = voided("A0", "void_parties", ...(entry ? [entry.index] : [])); // what stands on a void entry is void
  } else if (judgement.standing === "doubtful" && found.worst.standing === "good") {
    found.worst = { standing: "doubtful", rule: "A0", code: judgement.code, entries: judgement.entries };
  }
  if (entry) found.entries.set(name, entry);
}

/** The list in which the entry that a member names must stand. @param {Statement} statement @param {string} list @param {string} id */
function subjectOf(statement, list, id) {
  return list === "usage" ? `usage:${member(statement, "consent")}.${id}` : `${list}:${id}`;
}

/**
 * The entries at lower indices that a statement stands on, signers aside.
 * @param {Context} context
 * @param {Entry} entry
 * @returns {StandsOn}
 */
export function ground(context, entry) {
  const { statement } = entry;
  /** @type {StandsOn} */
  const found = { worst: GOOD, entries: new Map() };
  if (statement.type === "erasure") needErased(context, entry, statement.of, found);
  for (const on of kindOf(statement).on) {
    const id = member(statement, on.member);
    if (id === undefined) continue;
    take(found, on.member, context.named(subjectOf(statement, on.list, id), id, entry.index, { ruled: false }), on.type);
  }
  return found;
}

/**
 * An erasure stands on a statement of any type, in whatever list; a view of part of the log may not show it.
 * @param {Context} context @param {Entry} entry @param {string} of @param {StandsOn} found
 */
function needErased(context, entry, of, found) {
  /** @type {[Entry, Judgement] | null} */
  let best = null;
  for (const index of context.record.find(of)) {
    const target = index < entry.index ? context.record.entry(index) : null;
    if (!target) continue;
    const judgement = context.standingWithoutRulings(target);
    if (!best || best[1].standing === "void") best = [target, judgement];
  }
  if (best) take(found, "of", best);
  else found.worst = LIST_MISSING;
}

/**
 * A0 whole: relations in the header, what it stands on, whom it names.
 * @param {Context} context
 * @param {Entry} entry
 * @returns {Judgement}
 */
export function judgeParties(context, entry) {
  const { statement } = entry;
  if (!relationsFit(statement) || !isSameLog(context, entry)) return WRONG;
  const base = ground(context, entry);
  if (base.worst.standing === "void") return base.worst;
  const { expected, judgement } = namedBy(context, entry, base);
  if (judgement.standing === "void") return judgement;
  if (expected) {
    const { power, names } = kindOf(statement), maybe = power || names.includes("payee") ? ["guardian", "author"] : ["guardian"];
    const open = new Set(judgement.standing === "good" ? [] : maybe.filter((role) => !expected.roles.has(/** @type {Role} */ (role))));
    const { payees = [], ...single } = statement.parties ?? {};
    const own = Object.entries(single).filter(([role]) => !open.has(role));
    const theirs = [...expected.roles].filter(([role]) => !open.has(role));
    const same = own.length === theirs.length && own.every(([role, party]) => expected.roles.get(/** @type {Role} */ (role)) === party);
    if (!same || payees.join() !== expected.payees.join() || !fits(statement, base)) return WRONG;
  }
  return base.worst.standing === "doubtful" ? base.worst : judgement;
}

/** A start before the end, a month's first instant, a threshold that the keys can reach. @param {Statement} statement */
function relationsFit(statement) {
  switch (statement.type) {
    case "mandate": return statement.starts < statement.ends;
    case "guardian": return formatInstant(statement.until).endsWith("-01T00:00:00Z");
    case "party": case "key":
      return !statement.recovery || statement.recovery.threshold <= BigInt(statement.recovery.keys.length);
    case "consent": return statement.exercise_by === undefined || statement.exercise_by > statement.at;
    default: return true;
  }
}

/** Whether a new registry key stands under the log's old name. @param {Context} context @param {Entry} entry */
function isSameLog(context, entry) {
  if (entry.statement.type !== "registry" || !entry.statement.log) return true;
  const state = stateOfRegistry(context, entry.index);
  return !state || parseVkey(entry.statement.log).name === parseVkey(state.log).name;
}

/**
 * Whom the statement must name; without `expected` the record does not show enough.
 * @param {Context} context @param {Entry} entry @param {StandsOn} base
 * @returns {{expected: {roles: Map<Role, string>, payees: readonly string[]} | null, judgement: Judgement}}
 */
function namedBy(context, entry, base) {
  const { statement } = entry, row = kindOf(statement);
  const { payees: ownPayees = [], ...own } = statement.parties ?? {};
  /** @type {Map<Role, string>} */
  const roles = new Map();
  /** @type {readonly string[]} */
  let payees = [];
  if (row.like) {
    const target = base.entries.get(row.like)?.statement;
    if (!target) return { expected: null, judgement: base.worst };
    const { payees: theirPayees = [], ...theirs } = target.parties ?? {};
    for (const [role, party] of Object.entries(theirs)) if (role !== "guardian") roles.set(/** @type {Role} */ (role), party);
    if (statement.type !== "twin") payees = theirPayees;
    if (statement.type === "erasure" && target.type === "party") roles.set("author", target.id);
  }
  const required = new Set(row.names);
  if (statement.type === "consent" && statement.under) required.add("agency");
  if (statement.type === "consent" && statement.act === "create" && statement.sections?.money) required.add("payees");
  if (required.has("payees")) payees = ownPayees;
  for (const [role, party] of Object.entries(own)) {
    if (required.has(role) || row.mayName.includes(role)) roles.set(/** @type {Role} */ (role), party);
  }
  for (const role of required) {
    if (role === "payees" ? !payees.length : !roles.has(/** @type {Role} */ (role))) return { expected: null, judgement: WRONG };
  }
  if (statement.type === "guardian") return { expected: { roles, payees }, judgement: GOOD };
  return { expected: { roles, payees }, judgement: addGuardians(context, entry, base, roles, payees) };
}

/**
 * Add the guardian who is live, and the `author` who signs without being named otherwise.
 * @param {Context} context @param {Entry} entry @param {StandsOn} base @param {Map<Role, string>} roles
 * @param {readonly string[]} payees
 * @returns {Judgement}
 */
function addGuardians(context, entry, base, roles, payees) {
  const about = roles.get("model") ?? roles.get("author");
  if (about) {
    const state = keyState(context, about, entry.index);
    if (state.unsure) return LIST_MISSING;
    const guardian = guardianAt(state, entry.logged);
    if (guardian) roles.set("guardian", guardian);
  }
  const row = kindOf(entry.statement);
  /** @type {string | null | undefined} */
  let extra = null;
  if (row.power && member(entry.statement, "under")) {
    const under = base.entries.get("under");
    if (!under) return LIST_MISSING;
    extra = under.statement.parties?.agency;
  } else if (row.names.includes("payee") && roles.get("payee") !== about) {
    const state = keyState(context, roles.get("payee") ?? "", entry.index);
    if (state.unsure) return LIST_MISSING;
    extra = guardianAt(state, entry.logged);
  }
  if (extra && ![...roles.values()].includes(extra) && !payees.includes(extra)) roles.set("author", extra);
  return GOOD;
}

/**
 * The rest of A0 and of the table "stands on": who may hold which role, and that the targets belong together.
 * @param {Statement} statement
 * @param {StandsOn} base
 */
function fits(statement, base) {
  const { payees = [], ...roles } = statement.parties ?? {};
  const holders = (/** @type {string[]} */ ...but) =>
    Object.entries(roles).filter(([role]) => !but.includes(role)).map(([, party]) => party);
  if (roles.model && holders("model", "payee", "author").includes(roles.model)) return false;
  if (roles.arbiter && (holders("arbiter").includes(roles.arbiter) || payees.includes(roles.arbiter))) return false;
  if (roles.payer && (roles.payer === roles.payee || (roles.provider && [roles.payer, roles.payee].includes(roles.provider)))) return false;
  if (roles.agency && roles.agency === roles.licensee) return false;
  for (const on of kindOf(statement).on) {
    const target = base.entries.get(on.member)?.statement;
    if (!target) continue;
    if (on.same?.some((role) => target.parties?.[role] !== roles[role])) return false;
    if (on.act && (target.type !== "consent" || target.act !== on.act)) return false;
  }
  if (statement.type === "revocation" && statement.mandate && statement.under) return false;
  const consent = base.entries.get("consent");
  return !holds(consent, "consent") || fitsConsent(statement, consent.statement, base);
}

/**
 * @param {Statement} statement
 * @param {import("../../statements/types.js").StatementOf<"consent">} consent
 * @param {StandsOn} base
 */
function fitsConsent(statement, consent, base) {
  const parties = statement.parties ?? {}, theirs = consent.parties ?? {};
  const sublicensees = consent.sublicensees ?? [], payees = theirs.payees ?? [];
  switch (statement.type) {
    case "usage":
      return statement.twin === consent.twin
        && (!parties.sublicensee || sublicensees.includes(parties.sublicensee) || consent.sublicense === "countersigned");
    case "report": {
      const usage = base.entries.get("usage");
      return !holds(usage, "usage") || usage.statement.consent === statement.consent;
    }
    case "payment": case "receipt": case "adjustment": {
      const side = consent.act === "create" ? [theirs.maker] : [theirs.licensee, theirs.agency, ...sublicensees, ...payees];
      return side.includes(parties.payer)
        && [...payees, theirs.agency].includes(parties.payee)
        && (!parties.provider || (consent.providers ?? []).includes(parties.provider));
    }
    case "exercise": return consent.exercise_by !== undefined;
    case "dispute": {
      const { payees: _, guardian: __, ...others } = theirs;
      return !!parties.author && [...Object.values(others), ...payees].includes(parties.author);
    }
    case "ruling": return !!parties.arbiter;
    default: return true;
  }
}

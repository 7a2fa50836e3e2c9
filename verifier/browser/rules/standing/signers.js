/**
 * A1: everyone who must sign has signed with a key that is live, and nobody else has (protocol, sections 4 and 4.1).
 *
 * Who must sign is written as *groups*: of each, any one party suffices, and every group must be met. A key that is live
 * for two of a statement's signers counts for neither.
 */

import { toHex } from "../../base/bytes.js";
import { parseVkey } from "../../log/note.js";
import { doubtful, GOOD, holds, voided } from "../model/context.js";
import { becoming, guardianAt, keyState } from "./keys.js";
import { kindOf, member } from "./kinds.js";
import { ground } from "./parties.js";
import { stateOfRegistry } from "./registry.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/record.js").Entry} Entry
 * @typedef {import("./keys.js").KeyState} KeyState
 * @typedef {import("./kinds.js").SigningRole} SigningRole
 * @typedef {{party: string, role: string | null}} AllowedSigner
 * @typedef {readonly (readonly AllowedSigner[])[]} Groups
 */
/**
 * @template {import("../../statements/types.js").StatementType} T
 * @typedef {import("../model/record.js").Entry<T>} EntryOf
 */

const WRONG = voided("A1", "void_signers");
const MISSING = doubtful("A1", "list_missing");

/** @template T @param {ReadonlySet<T>} one @param {ReadonlySet<T>} other */
const both = (one, other) => new Set([...one].filter((item) => other.has(item)));
/** @template T @param {ReadonlySet<T>} one @param {ReadonlySet<T>} other */
const less = (one, other) => new Set([...one].filter((item) => !other.has(item)));
/** @template T @param {...ReadonlySet<T>} sets */
const joined = (...sets) => new Set(sets.flatMap((set) => [...set]));
/** @template T @param {ReadonlySet<T>} one @param {ReadonlySet<T>} other */
const within = (one, other) => [...one].every((item) => other.has(item));

/**
 * A1 for one entry.
 * @param {Context} context
 * @param {Entry} entry
 * @returns {Judgement}
 */
export function judgeSigners(context, entry) {
  const { signed } = kindOf(entry.statement);
  if (signed.how === "keys") return judgeKeys(context, entry, signed);
  if (signed.how !== "forms") {
    const groups = signerGroups(context, entry);
    return groups ? judgeGroups(context, entry, groups) : MISSING;
  }
  if (holds(entry, "guardian")) return judgeGuardian(context, entry);
  return holds(entry, "key") ? judgeKey(context, entry) : WRONG;
}

/**
 * The groups for a statement that parties sign with their live keys; null where lists are missing.
 * @param {Context} context
 * @param {Entry} entry
 * @returns {Groups | null}
 */
export function signerGroups(context, entry) {
  const { statement } = entry, { signed, power } = kindOf(statement);
  if (signed.how === "keys" || signed.how === "forms") return null;
  if (power && member(statement, "under")) {
    const agency = ground(context, entry).entries.get("under")?.statement.parties?.agency;
    return agency ? [[{ party: agency, role: "agency" }]] : null;
  }
  let { how } = signed, roles = signed.roles.filter(({ role, optional }) => !optional || statement.parties?.[role]);
  if (how === "first") {
    roles = roles.slice(0, 1);
    const extra = countersigned(context, entry);
    if (extra === null) return null;
    if (extra) roles.push(extra);
  }
  if (holds(entry, "revocation") && entry.statement.consent) return revocationGroups(context, entry);
  if (how === "side" && roles.length > 1) {
    const byFirst = isSignedBy(context, entry, statement.parties?.[/** @type {SigningRole} */ (roles[0]).role] ?? "");
    if (byFirst === null) return null;
    roles = byFirst ? roles.slice(0, 1) : roles.slice(1);
  }
  /** @type {Groups[]} */
  const sides = [];
  for (const role of roles) {
    const side = sideOf(context, entry, role, how === "one");
    if (!side) return null;
    sides.push(side);
  }
  if (how === "one") return [sides.flat(2)];
  return how === "some" ? sidesThatSigned(context, entry, sides) : sides.flat();
}

/**
 * The licensee, where a use names a sub-licensee that the consent does not list; undefined where she need not sign.
 * @param {Context} context @param {Entry} entry @returns {SigningRole | null | undefined}
 */
function countersigned(context, entry) {
  const sub = entry.statement.parties?.sublicensee;
  if (!holds(entry, "usage", "report") || !sub) return undefined;
  const consent = ground(context, entry).entries.get("consent");
  if (!holds(consent, "consent")) return null;
  const { sublicense, sublicensees } = consent.statement;
  return sublicense !== "countersigned" || sublicensees?.includes(sub) ? undefined : { role: "licensee", enrolled: "licensee" };
}

/**
 * A revocation of a consent: by the model's side or by the licensee, or by both.
 * @param {Context} context @param {EntryOf<"revocation">} entry @returns {Groups | null}
 */
function revocationGroups(context, entry) {
  const model = sideOf(context, entry, { role: "model", enrolled: "model", ward: true }, true);
  if (!model) return null;
  const licensee = entry.statement.parties?.licensee;
  const may = licensee && !entry.statement.part ? [{ party: licensee, role: "licensee" }] : [];
  return [[...model.flat(), ...may]];
}

/**
 * A party, and where a guardian is live for her, the guardian too: whoever can, and to stop something either.
 * @param {Context} context @param {Entry} entry @param {SigningRole} signer @param {boolean} stops
 * @returns {Groups | null}
 */
function sideOf(context, entry, signer, stops) {
  const party = entry.statement.parties?.[signer.role];
  if (!party) return null; // the header lacks her: void, if only it were shown what it stands on
  const hers = [{ party, role: signer.enrolled }];
  if (!signer.ward) return [hers];
  const state = keyState(context, party, entry.index);
  if (state.unknown || state.unsure) return null;
  const guardian = guardianAt(state, entry.logged);
  if (!guardian) return [hers];
  const guardians = [{ party: guardian, role: "guardian" }];
  return stops || state.live.size ? [guardians, hers] : [guardians];
}

/**
 * A return is signed by one side or by several (M5): those are asked for whose signatures are complete, and the first
 * where none is.
 * @param {Context} context @param {Entry} entry @param {Groups[]} sides @returns {Groups | null}
 */
function sidesThatSigned(context, entry, sides) {
  const complete = [];
  for (const side of sides) {
    const signed = side.map((group) => group.map(({ party }) => isSignedBy(context, entry, party)));
    if (signed.some((group) => group.includes(null))) return null;
    if (signed.every((group) => group.includes(true))) complete.push(...side);
  }
  return complete.length ? complete : sides[0] ?? null;
}

/** Whether a key that is live for the party is on the entry; null where her keys are not shown. @param {Context} context @param {Entry} entry @param {string} party */
export function isSignedBy(context, entry, party) {
  const state = keyState(context, party, entry.index);
  return state.unknown ? null : both(entry.signers, state.live).size > 0;
}

/** @param {Context} context @param {Entry} entry @param {Groups} groups @returns {Judgement} */
function judgeGroups(context, entry, groups) {
  /** @type {Map<string, KeyState>} */
  const states = new Map();
  for (const { party } of groups.flat()) {
    if (states.has(party)) continue;
    const state = keyState(context, party, entry.index);
    if (state.unknown) return MISSING;
    states.set(party, state);
  }
  const signed = new Set();
  for (const key of entry.signers) {
    const holders = [...states].filter(([, state]) => state.live.has(key)).map(([party]) => party);
    if (!holders.length) return WRONG;
    if (holders.length === 1) signed.add(holders[0]);
  }
  for (const group of groups) {
    const present = group.filter(({ party }) => signed.has(party));
    if (!present.length) return WRONG;
    for (const { party, role } of present) {
      const enrolled = states.get(party)?.enrolled;
      if (!enrolled) return WRONG;
      if (role && !(/** @type {string[]} */ (enrolled.statement.roles)).includes(role)) return voided("A0", "void_parties", enrolled.index);
    }
  }
  return GOOD;
}

/** @param {import("../../statements/types.js").Statement} statement @param {readonly string[]} members */
function namedKeys(statement, members) {
  const all = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (statement));
  const keys = new Set();
  for (const name of members) {
    const value = all[name];
    if (typeof value === "string") keys.add(toHex(parseVkey(value).key));
    else if (Array.isArray(value)) for (const key of value) keys.add(key);
    else if (value) for (const key of /** @type {{keys: string[]}} */ (value).keys) keys.add(key);
  }
  return keys;
}

/**
 * The keys that the statement names, the registry's and a registrar's; a key that is both counts for neither.
 * @param {Context} context @param {Entry} entry
 * @param {{new: readonly string[], registry?: boolean, registrar?: boolean}} signed
 * @returns {Judgement}
 */
function judgeKeys(context, entry, signed) {
  const wanted = namedKeys(entry.statement, signed.new);
  if (signed.registry || signed.registrar) {
    const state = stateOfRegistry(context, entry.index);
    if (!state) return MISSING;
    if (signed.registrar) return withRegistrar(entry.signers, wanted, state.registrars);
    wanted.add(state.key);
  }
  return wanted.size === entry.signers.size && within(wanted, entry.signers) ? GOOD : WRONG;
}

/** @param {ReadonlySet<string>} signers @param {ReadonlySet<string>} wanted @param {ReadonlySet<string>} registrars */
function withRegistrar(signers, wanted, registrars) {
  const vouching = less(both(signers, registrars), wanted);
  const good = within(wanted, signers) && !both(wanted, registrars).size && vouching.size > 0 && within(signers, joined(wanted, registrars));
  return good ? GOOD : WRONG;
}

/**
 * One of the three forms of section 4.1, or a first key that a registrar vouches for.
 * @param {Context} context @param {EntryOf<"key">} entry @returns {Judgement}
 */
function judgeKey(context, entry) {
  const { statement, signers } = entry;
  const state = keyState(context, statement.parties?.author ?? "", entry.index);
  const registrars = stateOfRegistry(context, entry.index)?.registrars, { live } = state;
  if (state.unknown || !registrars) return MISSING;
  if (!state.enrolled) return voided("A0", "void_parties");
  const added = becoming(state, statement);
  const newRecovery = new Set(statement.recovery?.keys ?? []), oldRecovery = new Set(state.recovery?.keys ?? []);
  // Beside a new name a registrar signs too, with a key that is none of those that sign for the form itself.
  const own = statement.keys ? joined(added, newRecovery, oldRecovery) : joined(live, added);
  const renames = statement.sections?.name !== undefined;
  const vouched = !renames || less(both(signers, registrars), own).size > 0;
  const others = renames ? less(signers, less(registrars, own)) : signers;
  if (!statement.keys) {
    const byHolder = less(both(others, live), registrars).size > 0;
    if (byHolder && vouched && within(added, others) && within(others, joined(live, added))) return GOOD;
    const byRegistrar = !statement.add && signers.size > 0 && within(signers, less(registrars, live));
    return byRegistrar ? GOOD : WRONG;
  }
  if (statement.keys.some((key) => state.retired.has(key))) return WRONG;
  const required = joined(added, less(newRecovery, oldRecovery));
  if (state.recovery && vouched && BigInt(both(others, oldRecovery).size) >= state.recovery.threshold
    && within(required, others) && within(others, joined(required, newRecovery, oldRecovery))) return GOOD;
  // Her first keys: a registrar vouches, and the guardian where one is live.
  const wanted = joined(added, newRecovery);
  if (state.hadKey || !statement.recovery || !vouched || !within(wanted, signers)) return WRONG;
  if (state.unsure) return MISSING;
  const guardian = guardianAt(state, entry.logged);
  if (!guardian) return withRegistrar(signers, wanted, registrars);
  const hers = keyState(context, guardian, entry.index);
  if (hers.unknown) return MISSING;
  const byGuardian = less(less(both(signers, hers.live), wanted), registrars);
  return byGuardian.size ? withRegistrar(less(signers, byGuardian), wanted, registrars) : WRONG;
}

/**
 * The new guardian and a registrar; and if the model ever had a key, she or the guardian until then.
 * @param {Context} context @param {EntryOf<"guardian">} entry @returns {Judgement}
 */
function judgeGuardian(context, entry) {
  const { model: modelId = "", guardian: guardianId = "" } = entry.statement.parties ?? {};
  const registry = stateOfRegistry(context, entry.index);
  const model = keyState(context, modelId, entry.index), guardian = keyState(context, guardianId, entry.index);
  if (!registry || model.unknown || model.unsure || guardian.unknown) return MISSING;
  if (!model.enrolled || !guardian.enrolled) return voided("A0", "void_parties");
  const recovery = new Set(model.recovery?.keys ?? []);
  /** @type {Record<"registrar" | "guardian" | "model" | "old", ReadonlySet<string>>} */
  const sets = { registrar: registry.registrars, guardian: guardian.live, model: joined(model.live, recovery), old: new Set() };
  const old = guardianAt(model, entry.logged);
  if (old && old !== guardianId) {
    const state = keyState(context, old, entry.index);
    if (state.unknown) return MISSING;
    sets.old = state.live;
  }
  if (!within(entry.signers, joined(...Object.values(sets)))) return WRONG;
  /** Whose keys signed, but for those that are another's too. @param {keyof typeof sets} name */
  const by = (name) => {
    const others = Object.entries(sets).filter(([other]) => other !== name).map(([, keys]) => keys);
    return less(both(entry.signers, sets[name]), joined(...others));
  };
  if (!by("registrar").size || !by("guardian").size) return WRONG;
  const byRecovery = !!model.recovery && BigInt(both(by("model"), recovery).size) >= model.recovery.threshold;
  const byModel = both(by("model"), model.live).size > 0 || byRecovery;
  const byOld = by("old").size > 0 || old === guardianId;
  if (model.hadKey && !byModel && !byOld) return WRONG;
  for (const [role, { index, statement }] of /** @type {const} */ ([["guardian", guardian.enrolled], ["model", model.enrolled]])) {
    if (by(role).size && !statement.roles.includes(role)) return voided("A0", "void_parties", index);
  }
  return GOOD;
}

/** Whether a suspension or resumption was signed by the model's side, not by the union; null: cannot be told. @param {Context} context @param {Entry} entry */
export function isModelsSide(context, entry) {
  const union = entry.statement.parties?.union;
  if (!union) return true;
  const byUnion = isSignedBy(context, entry, union);
  return byUnion === null ? null : !byUnion;
}

/**
 * Of a revocation, whether the licensee signed it, and whether nobody did for the model; null: cannot be told.
 * @param {Context} context @param {EntryOf<"revocation">} entry
 */
export function licenseeSigned(context, entry) {
  const { licensee, model, guardian } = entry.statement.parties ?? {};
  if (!licensee || entry.statement.under) return { signed: false, alone: false };
  const by = [licensee, model, guardian].map((one) => (one ? isSignedBy(context, entry, one) : false));
  if (by.includes(null)) return null;
  return { signed: !!by[0], alone: !!by[0] && !by[1] && !by[2] };
}

/** A20 on standing: what an arbiter's rulings and a disputed key do to an entry, over its standing without them. */

import { DAY } from "../../base/instant.js";
import { doubtful, GOOD, holds, voided } from "../model/context.js";
import { keyState } from "./keys.js";
import { member } from "./kinds.js";
import { signerGroups } from "./signers.js";
import { baseStanding } from "./standing.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/record.js").Entry} Entry
 * @typedef {[import("../model/record.js").Entry<"ruling">, Judgement]} RulingPair
 * @typedef {[import("../model/record.js").Entry<"dispute">, Judgement]} DisputePair
 * @typedef {{byId: Map<string, RulingPair[]>, keyDisputes: Map<string, DisputePair[]>}} Rulings
 */

const KEY_DISPUTE_WINDOW = 30n * DAY;

/**
 * The standing of an entry with everything counted: copies, rulings, disputed keys, what it stands on.
 * @param {Context} context
 * @param {Entry} entry
 * @returns {Judgement}
 */
export function finalStanding(context, entry) {
  let copies = GOOD;
  for (const index of context.record.find(entry.statement.id)) {
    if (index >= entry.index) break;
    const earlier = context.record.entry(index);
    if (!earlier) continue;
    const { standing, code } = context.standing(earlier);
    if (standing === "good") return voided("A0", "repeated", index);
    if (standing === "doubtful") copies = doubtful("A0", code, index);
  }
  const base = baseStanding(context, entry);
  if (base.standing === "void") return base;
  if (copies.standing === "doubtful") return copies; // if the earlier copy is good, this one is void
  const consent = consentTouched(entry);
  if (consent === null) return base;
  const ruled = ruledOn(context, entry, consent);
  if (ruled.standing === "void") return ruled;
  const resting = restsOn(context, entry);
  return [resting, base, ruled].find(({ standing }) => standing === "void")
    ?? [base, resting, ruled].find(({ standing }) => standing === "doubtful") ?? GOOD;
}

/** The use consent whose rulings can act on a statement: its own, or the one that it names. @param {Entry} entry */
export function consentTouched(entry) {
  if (holds(entry, "consent")) return entry.statement.act === "use" ? entry.statement.id : null;
  return member(entry.statement, "consent") ?? null;
}

/**
 * Whether the consent, and the usage, that an entry stands on still have effect once rulings are counted.
 * @param {Context} context @param {Entry} entry @returns {Judgement}
 */
function restsOn(context, entry) {
  const consent = holds(entry, "consent") ? undefined : member(entry.statement, "consent");
  if (consent === undefined || holds(entry, "ruling")) return GOOD;
  const found = [context.named(`consent:${consent}`, consent, entry.index)];
  if (holds(entry, "report")) {
    const { usage } = entry.statement;
    found.push(context.named(`usage:${consent}.${usage}`, usage, entry.index));
  }
  for (const [below, { standing }] of found) {
    if (standing === "void") return voided("A0", "void_parties", ...(below ? [below.index] : []));
  }
  const unsure = found.map(([, judgement]) => judgement).filter(({ standing }) => standing === "doubtful");
  const first = unsure.find(({ code }) => code !== "key_disputed");
  if (first) return doubtful("A0", first.code, ...first.entries);
  return unsure[0] ? doubtful("A20", unsure[0].code, ...unsure[0].entries) : GOOD;
}

/**
 * The rulings and key disputes on one consent, each by the ids in its `of`; null: its list is not shown.
 * @param {Context} context
 * @param {string} consent
 * @returns {Rulings | null}
 */
export function rulingsOf(context, consent) {
  return context.recall(`rulings ${consent}`, () => readRulings(context, consent));
}

/** @param {Context} context @param {string} consent @returns {Rulings | null} */
function readRulings(context, consent) {
  const rows = context.record.rows(`consent:${consent}`);
  if (!rows) return null;
  /** @type {Rulings} */
  const found = { byId: new Map(), keyDisputes: new Map() };
  const counted = new Set();
  for (const index of rows) {
    const entry = context.record.entry(index);
    if (!holds(entry, "ruling", "dispute") || (holds(entry, "dispute") && entry.statement.tag !== "key")) continue;
    const judgement = baseStanding(context, entry); // as if there were no rulings
    if (judgement.standing === "good") {
      if (counted.has(entry.statement.id)) continue; // an old ruling that is logged again does not become the last
      counted.add(entry.statement.id);
    }
    if (judgement.standing === "void") continue;
    for (const id of entry.statement.of) {
      if (holds(entry, "ruling")) append(found.byId, id, /** @type {RulingPair} */ ([entry, judgement]));
      else if (holds(entry, "dispute")) append(found.keyDisputes, id, /** @type {DisputePair} */ ([entry, judgement]));
    }
  }
  return found;
}

/** @template T @param {Map<string, T[]>} map @param {string} key @param {T} item */
function append(map, key, item) {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

/** The rulings on an entry; what `of` named before it was there is ignored. @param {Rulings} rulings @param {Entry} entry */
export function rulingsOn(rulings, entry) {
  return (rulings.byId.get(entry.statement.id) ?? []).filter(([{ index }]) => index > entry.index);
}

/** Whether a good ruling is on the dispute itself, whatever its outcome. @param {Rulings} rulings @param {Entry} dispute */
export function isClosed(rulings, dispute) {
  return rulingsOn(rulings, dispute).some(([, { standing }]) => standing === "good");
}

/** The doubt that a disputed key, or a ruling, casts on an entry or on the consent that it names. @param {Context} context @param {Entry} entry @returns {Judgement} */
export function disputed(context, entry) {
  const consent = consentTouched(entry);
  if (consent === null) return GOOD;
  const [below] = context.named(`consent:${consent}`, consent, entry.index);
  const found = [entry, ...(below ? [below] : [])].map((one) => ruledOn(context, one, consent));
  return found.find(({ standing }) => standing === "doubtful") ?? GOOD;
}

/** @param {Context} context @param {Entry} entry @param {string} consent @returns {Judgement} */
function ruledOn(context, entry, consent) {
  if (holds(entry, "ruling")) return GOOD;
  const rulings = rulingsOf(context, consent);
  if (!rulings) return doubtful("A20", "list_missing");
  const last = rulingsOn(rulings, entry).at(-1);
  let settled = -1;
  if (last) {
    const [ruling, { standing, code }] = last;
    if (standing === "doubtful") return doubtful("A20", code, ruling.index);
    if (ruling.statement.outcome === "void") return voided("A20", "void_ruling", ruling.index);
    settled = ruling.index;
  }
  for (const [dispute, { standing, code }] of rulings.keyDisputes.get(entry.statement.id) ?? []) {
    if (dispute.index < settled || isClosed(rulings, dispute) || !isKeyDisputed(context, entry, dispute)) continue;
    return doubtful("A20", standing === "good" ? "key_disputed" : code, dispute.index);
  }
  return GOOD;
}

/**
 * Whether a signer of the entry says in time, and after retiring the key, that it was not she who signed.
 * @param {Context} context @param {Entry} entry @param {Entry} dispute
 */
function isKeyDisputed(context, entry, dispute) {
  const author = dispute.statement.parties?.author ?? "";
  if (dispute.index <= entry.index || dispute.logged > entry.logged + KEY_DISPUTE_WINDOW) return false;
  const then = keyState(context, author, entry.index), now = keyState(context, author, dispute.index);
  if (then.unknown || now.unknown) return true; // the dispute itself is doubtful then
  if (![...entry.signers].some((key) => then.live.has(key) && now.retired.has(key))) return false;
  const groups = signerGroups(context, entry);
  return !groups || groups.flat().some(({ party }) => party === author);
}

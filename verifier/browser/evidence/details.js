/**
 * What people ask beside the verdict: who the ids are and who vouches for their names, who signed, what each use of a
 * record book is, which witnesses saw it. No rule reads any of it, and no verdict holds it.
 */

import { object } from "../base/canonical.js";
import { holds, Unread } from "../rules/model/context.js";
import { judgeMoney, ownLines } from "../rules/money/money_rules.js";
import { keyState } from "../rules/standing/keys.js";
import { stateOfRegistry } from "../rules/standing/registry.js";
import { named } from "../statements/types.js";
import { namingEntry } from "./about.js";
import { paidJson } from "./paid.js";

/**
 * @typedef {import("../rules/model/context.js").Context} Context
 * @typedef {import("../rules/model/record.js").Entry} Entry
 * @typedef {import("../statements/types.js").Parties} Parties
 */
/**
 * `registrar` is the key that vouched for the name, hex; `isHouse`: it is enrolled as something else than a person.
 * @typedef {{name: string | null, registrar: string | null, isHouse: boolean}} Person
 */
/**
 * What was declared or agreed, as far as this file shows it; instants are POSIX seconds.
 * @typedef {{type: "usage" | "consent", consent: string, parties: Parties, files: readonly string[], logged: bigint, signers: readonly string[],
 *   act: string | null, purpose: string | null, category: string | null, product: string | null, countries: readonly string[],
 *   starts: bigint | null, ends: bigint | null}} Item
 */
/**
 * `items` by id: the use or consent that is asked about and its consent, or all that a record book holds. `uses`: of a
 * consent what was paid for each use under it, as a record book has it. `cosigners` are
 * the witnesses of the policy that signed the checkpoint.
 * @typedef {{origin: string, entries: number, lists: number, cosigners: readonly string[],
 *   people: ReadonlyMap<string, Person>, items: ReadonlyMap<string, Item>, uses: readonly import("../base/canonical.js").JsonObject[]}} Details
 */

const PERSONS = ["model", "guardian"];

/**
 * @param {import("./open.js").Opened} opened
 * @param {Context} context of the verdict
 * @returns {Details}
 */
export function detailsOf({ evidence, trusted, question, record }, context) {
  /** @type {Map<string, Item>} */
  const items = new Map();
  const take = (/** @type {string} */ id) => {
    const entry = entryOf(context, id);
    if (entry && !items.has(id)) items.set(id, itemOf(context, entry));
    return items.get(id);
  };
  if (question.kind === "usage") take(take(question.id)?.consent ?? "");
  const uses = question.kind === "consent" && question.ask !== "in_force" ? usesOf(context, question.id) : [];
  if (question.kind === "consent") for (const id of [question.id, ...uses.map((one) => String(one.get("usage")))]) take(id);
  if (question.kind === "party") {
    for (const index of record.rows(`party:${question.id}`) ?? []) {
      const entry = record.entry(index);
      if (holds(entry, "usage", "consent")) take(entry.statement.id);
    }
  }
  const ids = new Set([...items.values()].flatMap(({ parties, signers }) => [...idsOf(parties), ...signers]));
  if (question.kind === "party") ids.add(question.id);
  return {
    origin: trusted.checkpoint.origin, entries: evidence.entries.length, lists: evidence.subjects.length, cosigners: trusted.cosigners,
    people: new Map([...ids].map((id) => [id, personOf(context, id)])), items, uses,
  };
}

/** What was paid for each use of a consent, where the file shows the list of them. @param {Context} context @param {string} consent */
function usesOf(context, consent) {
  const seen = new Set(), found = [];
  for (const [usage] of context.listed(`uses:${consent}`, "usage") ?? []) {
    const { id } = usage.statement;
    if (seen.has(id)) continue;
    seen.add(id);
    found.push(object({ usage: id, paid: paidJson(ownLines(judgeMoney(context, usage).paid, "usage")) }));
  }
  return found;
}

/** @param {Parties} parties */
function idsOf({ payees = [], ...single }) {
  return [...Object.values(single), ...payees];
}

/** The first good copy of a use or consent, else the first. @param {Context} context @param {string} id */
function entryOf(context, id) {
  const found = context.record.find(id).map((index) => context.record.entry(index)).filter((entry) => holds(entry, "usage", "consent"));
  return found.find((entry) => context.standing(entry).standing === "good") ?? found[0];
}

/** @param {Context} context @param {import("../rules/model/record.js").Entry<"usage" | "consent">} entry @returns {Item} */
function itemOf(context, entry) {
  const { statement } = entry, terms = context.section(entry, "terms");
  /** @type {{[name: string]: unknown}} */
  const said = terms instanceof Unread ? {} : terms;
  const text = (/** @type {string} */ name) => (typeof said[name] === "string" ? said[name] : null);
  const instant = (/** @type {string} */ name) => (typeof said[name] === "bigint" ? said[name] : null);
  const isUsage = statement.type === "usage";
  return {
    type: statement.type, consent: isUsage ? statement.consent : statement.id, parties: statement.parties ?? {},
    files: isUsage ? statement.assets : [], logged: entry.logged, signers: signersOf(context, entry), act: isUsage ? null : statement.act,
    purpose: text("purpose"), category: text("category"), product: text("product"),
    countries: Array.isArray(said.countries) ? said.countries : [], starts: instant("starts"), ends: instant("ends"),
  };
}

/** The parties of an entry whose keys are among its signers. @param {Context} context @param {Entry} entry */
function signersOf(context, entry) {
  return [...named(entry.statement)].filter((party) => {
    const { live } = keyState(context, party, entry.index);
    return [...live].some((key) => entry.signers.has(key));
  });
}

/** @param {Context} context @param {string} party @returns {Person} */
function personOf(context, party) {
  const { enrolled } = keyState(context, party, Infinity), roles = enrolled?.statement.roles ?? [];
  const isHouse = roles.length > 0 && !roles.some((role) => PERSONS.includes(role));
  const found = namingEntry(context, party);
  if (!found) return { name: null, registrar: null, isHouse };
  const registrars = stateOfRegistry(context, found.entry.index)?.registrars ?? new Set();
  const registrar = [...found.entry.signers].find((key) => registrars.has(key)) ?? null;
  return { name: found.name, registrar, isHouse };
}

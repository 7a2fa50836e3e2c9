/** What a question is about, for people: who takes part, by the names that a registrar vouched for, and in what. */

import { object } from "../base/canonical.js";
import { formatInstant } from "../base/instant.js";
import { holds, Unread } from "../rules/model/context.js";

/**
 * @typedef {import("../rules/model/context.js").Context} Context
 * @typedef {import("../base/canonical.js").Json} Json
 */

/** @param {Context} context @param {import("./file.js").Question} question */
export function aboutJson(context, { kind, id }) {
  if (kind !== "usage" && kind !== "consent") return null;
  const entry = context.record.entry(context.record.find(id)[0] ?? -1);
  if (!holds(entry, "usage", "consent")) return null;
  const { payees = [], ...single } = entry.statement.parties ?? {};
  const places = [...Object.entries(single), ...payees.map((payee) => ["payee", payee])];
  places.sort((a, b) => (a.join(" ") < b.join(" ") ? -1 : 1));
  const parties = places.map(([role = "", party = ""]) => {
    const named = namingEntry(context, party);
    return object({ role, party, name: named?.name, public: named?.public || undefined });
  });
  if (!holds(entry, "usage")) return parties.length ? object({ parties }) : object({});
  const use = context.section(entry, "terms"), files = entry.statement.assets.length;
  /** @type {Record<string, Json | undefined>} */
  const members = { parties: parties.length ? parties : undefined, files };
  if (!(use instanceof Unread)) {
    const { purpose, category, product, placement = "paid", channels, countries, starts, ends } =
      /** @type {import("../statements/sections.js").UsageTerms} */ (use);
    Object.assign(members, { purpose, category, product, placement, channels, countries, starts: formatInstant(starts), ends: formatInstant(ends) });
  }
  return object(members);
}

/** What a party was called last, where this reader knows, and by which entry. @param {Context} context @param {string} party */
export function namingEntry(context, party) {
  for (const index of [...(context.record.rows(`keys:${party}`) ?? [])].reverse()) {
    const entry = context.record.entry(index);
    if (!entry?.statement.sections?.name) continue;
    if (!(holds(entry, "party") ? entry.statement.id === party : holds(entry, "key"))) continue;
    const { standing } = context.standing(entry);
    if (standing === "void") continue;
    const found = context.section(entry, "name");
    if (standing !== "good" || found instanceof Unread) return null;
    return { entry, .../** @type {import("../statements/sections.js").PartyName} */ (found) };
  }
  return null;
}

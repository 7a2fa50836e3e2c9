/** The usages and reports of a consent as its schedule takes them, read from the record (M1). */

import { doubtful, holds, Unread } from "../model/context.js";
import { FOREVER, most } from "../model/results.js";
import { territoryOfKnown } from "../model/scope.js";
import { stopsOf } from "../standing/stops.js";
import { CannotTell } from "./reasons.js";
import { sum } from "./amounts.js";
import { ANYWHERE } from "./units.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/record.js").Entry<"consent">} ConsentEntry
 * @typedef {import("./units.js").UseStop} UseStop
 * @typedef {import("../../statements/sections.js").UsageTerms} UsageTerms
 * @typedef {import("../../statements/sections.js").ReportTerms} ReportTerms
 * @typedef {{before: UseStop[], after: UseStop[], replaced: number | null}} StopsOfUses what is said of a successor counts for uses declared before it
 */

/** A consent, the one that it replaces, and so on. @param {Context} context @param {ConsentEntry} consent */
export function chainOf(context, consent) {
  const found = [consent];
  for (let at = consent; at.statement.replaces !== undefined;) {
    const id = at.statement.replaces, [older, { standing, code }] = context.named(`consent:${id}`, id, at.index);
    if (standing === "doubtful" || !older) throw new CannotTell("M1", code);
    if (!holds(older, "consent")) break;
    found.push(at = older);
  }
  return found;
}

/** What may have cut the uses under a consent short (T7, A6). @param {Context} context @param {ConsentEntry} consent @returns {StopsOfUses} */
export function stopsOfUses(context, consent) {
  const terms = /** @type {import("../../statements/sections.js").UseTerms | Unread} */ (context.section(consent, "terms"));
  const onward = stopsOf(context, consent, terms, true), own = stopsOf(context, consent, terms, false);
  const good = own.replacedBy.filter(([, { standing }]) => standing === "good").map(([{ index }]) => index);
  return { before: byTerms(onward, terms), after: byTerms(own, terms), replaced: good.length ? Math.min(...good) : null };
}

/** With their sell-off; while the terms are hidden each is in doubt, for its notice is hidden as well. @param {import("../standing/stops.js").Stops} stops @param {import("../../statements/sections.js").UseTerms | Unread} terms @returns {UseStop[]} */
function byTerms({ revocations, suspensions, missing }, terms) {
  const known = terms instanceof Unread ? { sellOff: 0n, judgement: doubtful("M1", terms.code, ...terms.entries) } : { sellOff: terms.sell_off ?? 0n };
  /** @type {UseStop[]} */
  const found = [...revocations, ...suspensions].map((stop) => ({ ...stop, ...known }));
  if (missing && missing !== terms) {
    const judgement = doubtful("M1", missing.code, ...missing.entries);
    found.push({
      index: ANYWHERE, start: 0n, end: FOREVER, code: "revoked", judgement, waits: true, byLicensee: false, logged: 0n, sellOff: 0n,
    });
  }
  return found;
}

/** @param {Context} context @param {import("../model/record.js").Entry<"usage" | "report">} entry @param {boolean} own @param {StopsOfUses} stops @returns {import("./units.js").Event} */
export function readEvent(context, entry, own, { before, after, replaced }) {
  const section = context.section(entry, "terms"), { index, logged } = entry;
  if (section instanceof Unread) throw new CannotTell("M1", section.code, [index]);
  const bare = {
    index, logged, own, images: 0n, impressions: 0n, starts: 0n, days: 0n, stops: [], earned: 0n, lines: [], channels: [],
    countries: null, placement: undefined, purpose: "",
  };
  if (holds(entry, "report")) {
    const { images = 0n, lines, ends, value = 0n } = /** @type {ReportTerms} */ (section);
    const impressions = sum(lines.map((line) => line.impressions));
    return { ...bare, usage: entry.statement.usage, declares: false, images, impressions, ends, earned: value, lines };
  }
  const { id, assets } = /** @type {import("../../statements/types.js").StatementOf<"usage">} */ (entry.statement);
  const { units, starts, ends, channels, countries, placement = "paid", purpose } = /** @type {UsageTerms} */ (section);
  return {
    ...bare, usage: id, declares: true, images: most(units?.images ?? 0n, BigInt(assets.length)), starts, ends, days: units?.days ?? 0n,
    stops: replaced === null || index < replaced ? before : after, channels, countries: territoryOfKnown(countries), placement, purpose,
  };
}

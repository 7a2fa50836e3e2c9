/** A16: another licensee's exclusive scope. Only that section of the other's consent is ever asked for. */

import { CHANNELS, COUNTRIES } from "../../statements/vocabulary.js";
import { compareText } from "../../base/bytes.js";
import { holds, Unread } from "../model/context.js";
import { always, during, FOREVER, least, most, worst } from "../model/results.js";
import { categoriesMeet, sameScope, scopeOf, scopeOfUse, scopesMeet, Territory, territoryOf } from "../model/scope.js";
import { chainOf } from "../money/control.js";
import { followed } from "../standing/standing.js";
import { stopsOf } from "../standing/stops.js";
import { mayBeOverdue } from "./payment_conditions.js";
import { allows, countriesOutside } from "./scope_rules.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/results.js").Result} Result
 * @typedef {import("../model/results.js").Timed} Timed
 * @typedef {import("../model/scope.js").Scope} Scope
 * @typedef {import("./case.js").UsageCase} UsageCase
 * @typedef {import("./case.js").ConsentEntry} ConsentEntry
 * @typedef {import("./case.js").UseTerms} UseTerms
 * @typedef {import("../../statements/sections.js").Exclusive} Exclusive
 * @typedef {import("../standing/stops.js").Stops} Stops
 */
/**
 * What is held against others' scopes: a usage under its consent, or a consent's own terms for a warning. `code` says why
 * `scopes` are not all that there are, or the window is not known. `use` is null for a whole consent.
 * @typedef {{context: Context, consent: ConsentEntry, scopes: Scope[], window: {start: bigint, end: bigint} | null,
 *   users: string[], code: string, use: import("./case.js").UsageTerms | null}} Use
 * @typedef {{index: number, start: bigint, end: bigint, result: Result, code: string}} Link from a consent to the one that it follows
 * @typedef {{start: bigint, end: bigint, low: number, high: number, code: string}} Place the lowest and highest index that may be a place in the row
 * @typedef {{index: number, start: bigint, end: bigint, doubtFrom: bigint, code: string, places: Place[]}} Rival
 */

/** A usage as A16 sees it: as declared, and where it was reported beyond what may spill. @param {UsageCase} usageCase @returns {Use} */
function useOfCase(usageCase) {
  const { context, consent, reach: window, use } = usageCase, { licensee, sublicensee } = usageCase.statement.parties ?? {};
  const users = [licensee, sublicensee].flatMap((user) => user ?? []);
  if (use instanceof Unread) return { context, consent, scopes: [], window, users, code: use.code, use: null };
  const declared = scopeOfUse(use);
  if (!declared) return { context, consent, scopes: [], window, users, code: "bad_terms", use };
  const scopes = [declared];
  let code = usageCase.windowCode;
  for (const [channel, countries] of reportedBeyond(usageCase)) {
    const known = CHANNELS.has(channel) ? countries.filter((country) => COUNTRIES.has(country)) : [];
    if (known.length) scopes.push({ categories: declared.categories, channels: new Set([channel]), territory: new Territory(new Set(known)) });
    if (known.length < countries.length) code = "bad_terms";
  }
  return { context, consent, scopes, window, users, code, use };
}

/** Each channel with the countries in which it was reported, but for those that the terms do not allow. @param {UsageCase} usageCase @returns {[string, string[]][]} */
function reportedBeyond({ reports, terms }) {
  /** @type {Map<string, Set<string>>} */
  const where = new Map();
  for (const { channel, country, impressions } of reports.flatMap(([, { lines }]) => lines)) {
    if (impressions) where.set(channel, (where.get(channel) ?? new Set()).add(country));
  }
  const allowed = terms instanceof Unread ? null : territoryOf(terms.countries, terms.countries_excluded);
  return [...where].sort(([a], [b]) => compareText(a, b)).flatMap(([channel, countries]) => {
    const strays = allowed && countriesOutside(new Map([...countries].map((country) => [country, 1])), allowed);
    const left = [...countries].filter((country) => !strays?.has(country));
    return left.length ? [/** @type {[string, string[]]} */ ([channel, left])] : [];
  });
}

/** A whole consent as A16 sees it: everything that its terms would allow. @param {Context} context @param {ConsentEntry} consent @param {UseTerms | Unread} terms @returns {Use} */
export function useOfConsent(context, consent, terms) {
  const { licensee } = consent.statement.parties ?? {};
  const users = [...(licensee ? [licensee] : []), ...(consent.statement.sublicensees ?? [])];
  /** @type {Use} */
  const whole = { context, consent, scopes: [], window: null, users, code: "ok", use: null };
  if (terms instanceof Unread) return { ...whole, code: terms.code };
  const scope = scopeOf(terms);
  if (!scope || terms.starts >= terms.ends) return { ...whole, code: "bad_terms" };
  return { ...whole, scopes: [scope], window: { start: terms.starts, end: terms.ends } };
}

/** PASS if a use meets a scope, FAIL if not, UNKNOWN where a scope that is not known might. @param {Use} use @param {Scope} scope @returns {Result} */
function meets(use, scope) {
  if (use.scopes.some((mine) => scopesMeet(scope, mine))) return "PASS";
  return use.code !== "ok" && categoriesMeet(scope.categories, use.scopes[0]?.categories ?? []) ? "UNKNOWN" : "FAIL";
}

/** PASS if an exclusivity shuts out one of the users; UNKNOWN where it is not shown who controls them. @param {Use} use @param {Exclusive} section @returns {Result} */
function isAgainst(use, section) {
  const { against } = section;
  if (!against) return "PASS";
  const chains = use.users.map((user) => chainOf(use.context, user));
  if (chains.some(({ parties }) => against.some((one) => parties.has(one)))) return "PASS";
  return chains.every(({ complete }) => complete) ? "FAIL" : "UNKNOWN";
}

/** @param {UsageCase} usageCase */
export function judgeOthers(usageCase) {
  return judgeExclusivity(useOfCase(usageCase));
}

/** A16 over the use's window. @param {Use} use @returns {Timed[]} */
export function judgeExclusivity(use) {
  const { context, consent } = use, subject = `exclusive:${consent.statement.parties?.model}`;
  const listed = context.listed(subject, "consent");
  if (!listed) return [always("UNKNOWN", "list_missing", consent.index)];
  /** @type {Timed[]} */
  const results = [];
  /** @type {Place[] | null} */
  let mine = null;
  for (const [entry, judgement] of listed) {
    const rival = rivalOf(use, entry, judgement);
    if (!rival) continue;
    if (!("places" in rival)) results.push(rival);
    else if (use.window) {
      mine ??= placesOf(consent.index, ownLinks(use), use.window.start, use.window.end);
      results.push(...race(rival, mine));
    }
  }
  return [...results, always("PASS", "ok", ...(context.record.rows(subject) ?? []))];
}

/** A consent of another licensee that may stand in the way; a result where that alone cannot be told. @param {Use} use @param {ConsentEntry} entry @param {Judgement} judgement @returns {Rival | Timed | null} */
function rivalOf(use, entry, judgement) {
  const { context, consent, window } = use, own = consent.statement.parties?.licensee;
  if (entry.statement.parties?.licensee === own || firstOf(context, entry).index > consent.index) return null;
  const section = /** @type {Exclusive | Unread} */ (context.section(entry, "exclusive"));
  if (section instanceof Unread) return always("UNKNOWN", section.code, entry.index);
  const against = isAgainst(use, section);
  if ((own && section.except?.includes(own)) || against === "FAIL") return null;
  if (!window || !use.scopes.length) return always("UNKNOWN", use.code, consent.index, entry.index);
  const scope = scopeOf(section);
  if (!scope || section.starts >= section.ends) return always("UNKNOWN", "bad_terms", entry.index);
  const met = meets(use, scope);
  if (met === "FAIL") return null;
  const start = most(section.starts, window.start);
  /** @type {Rival} */
  const rival = {
    index: entry.index, start, end: least(section.ends + (section.hold_off ?? 0n), window.end),
    doubtFrom: met === "PASS" && against === "PASS" ? FOREVER : start,
    code: met === "UNKNOWN" ? use.code : against === "PASS" ? "ok" : "list_missing", places: [],
  };
  countWhile(rival, judgement, ownStops(context, entry, section, "exclusive"));
  if (rival.start >= rival.end) return null;
  rival.places = placesOf(entry.index, rivalLinks(use, entry), rival.start, rival.end);
  return rival;
}

/** How long a rival counts. @param {Rival} rival @param {Judgement} judgement @param {Stops} stops */
function countWhile(rival, judgement, stops) {
  /** @type {[bigint, Judgement][]} */
  const ends = [
    ...[...stops.revocations, ...stops.releases, ...stops.lapses].map((stop) => /** @type {[bigint, Judgement]} */ ([stop.start, stop.judgement])),
    ...stops.replacedBy.map(([entry, found]) => /** @type {[bigint, Judgement]} */ ([entry.logged, found])),
  ];
  /** @type {[bigint, string][]} */
  const doubts = [[rival.doubtFrom, rival.code]];
  for (const [at, { standing, code }] of ends) {
    if (standing === "good") rival.end = least(rival.end, at);
    else doubts.push([at, code]);
  }
  if (judgement.standing !== "good") doubts.push([rival.start, judgement.code]);
  else if (stops.missing) doubts.push([rival.start, stops.missing.code]);
  doubts.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : compareText(x, y)));
  [rival.doubtFrom, rival.code] = /** @type {[bigint, string]} */ (doubts[0]);
}

/** The consents reached from one by what each follows, newest first, as far as they are shown. @param {Context} context @param {ConsentEntry} entry @returns {ConsentEntry[]} */
function olderThan(context, entry) {
  return context.recall(`older ${entry.index}`, () => {
    const chain = [];
    for (let at = entry; ;) {
      const id = followed(at), limit = at.index;
      const first = id === undefined ? undefined : context.record.find(id).find((index) => index < limit && context.record.entry(index));
      const older = first === undefined ? null : context.record.entry(first);
      if (!older) return chain;
      if (!holds(older, "consent")) return chain;
      chain.push(older);
      at = older;
    }
  });
}

/** The earliest consent that may have handed its place on to this one; a void one handed nothing on. @param {Context} context @param {ConsentEntry} entry */
function firstOf(context, entry) {
  let first = entry;
  for (const older of olderThan(context, entry)) {
    if (context.standing(older).standing === "void") break;
    first = older;
  }
  return first;
}

/** What ended a consent itself, whatever became of those that followed it. @param {Context} context @param {ConsentEntry} entry @param {Exclusive | UseTerms | Unread} section @param {string} name */
function ownStops(context, entry, section, name) {
  return context.recall(`own stops ${entry.index} ${section instanceof Unread ? "unread" : name}`, () => stopsOf(context, entry, section, false));
}

// Who came first.

/** The place of the consent at `index` over [start, end): that of the earliest that its chain leads to. @param {number} index @param {Iterable<Link>} links @param {bigint} start @param {bigint} end @returns {Place[]} */
function placesOf(index, links, start, end) {
  /** @type {Place[]} */
  const found = [];
  let low = index, high = index, code = "ok";
  for (const link of links) {
    const a = most(start, link.start), b = least(end, link.end);
    if (link.result === "FAIL" || a >= b) break;
    // Where the older one does not meet the use, the chain ends here.
    found.push({ start, end: a, low, high, code }, { start: b, end, low, high, code });
    start = a;
    end = b;
    low = link.index;
    if (code === "ok") {
      if (link.result === "PASS") high = link.index;
      else code = link.code;
    }
  }
  found.push({ start, end, low, high, code });
  return found.filter((place) => place.start < place.end).sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

/** A rival's chain: each consent on the way has an exclusive scope that meets the use. @param {Use} use @param {ConsentEntry} entry @returns {Iterable<Link>} */
function* rivalLinks(use, entry) {
  const { context } = use;
  let newer = entry;
  for (const older of olderThan(context, entry)) {
    const judgement = context.standing(older);
    if (judgement.standing === "void" || !older.statement.sections?.exclusive) return;
    const section = /** @type {Exclusive | Unread} */ (context.section(older, "exclusive"));
    let start = -FOREVER, end = FOREVER, code = "bad_terms";
    /** @type {Result} */
    let met = "UNKNOWN";
    if (section instanceof Unread) code = section.code;
    else {
      const scope = scopeOf(section);
      if (scope && section.starts < section.ends) {
        start = section.starts;
        end = section.ends + (section.hold_off ?? 0n);
        const against = isAgainst(use, section);
        met = worst([meets(use, scope), against]);
        if (against === "UNKNOWN") code = "list_missing";
      }
    }
    yield link(older, newer, judgement, ownStops(context, older, section, "exclusive"), start, end, met, code);
    newer = older;
  }
}

/** The chain of the use's own consent: each consent on the way has terms that allow the use. @param {Use} use @returns {Iterable<Link>} */
function* ownLinks(use) {
  const { context } = use;
  let newer = use.consent;
  for (const older of olderThan(context, use.consent)) {
    const judgement = context.standing(older);
    if (judgement.standing === "void") return;
    const terms = /** @type {UseTerms | Unread} */ (context.section(older, "terms"));
    let start = -FOREVER, end = FOREVER, code = "bad_terms";
    /** @type {Result} */
    let allowed = "UNKNOWN";
    if (terms instanceof Unread) code = terms.code;
    else if (terms.starts < terms.ends) {
      ({ starts: start, ends: end } = terms);
      allowed = isAllowed(use, terms);
    }
    yield link(older, newer, judgement, ownStops(context, older, terms, "terms"), start, end, allowed, code);
    newer = older;
  }
  // Its own consents need not stand in the list of exclusive ones: one that is not shown may have come first.
  if (followed(newer) !== undefined) yield { index: -1, start: -FOREVER, end: FOREVER, result: "UNKNOWN", code: "list_missing" };
}

/** @param {ConsentEntry} older @param {ConsentEntry} newer @param {Judgement} judgement @param {Stops} stops @param {bigint} start @param {bigint} end @param {Result} met @param {string} code @returns {Link} */
function link(older, newer, judgement, stops, start, end, met, code) {
  const before = [...stops.revocations, ...stops.releases, ...stops.lapses].filter((stop) => stop.index < newer.index && stop.start <= newer.logged);
  /** @type {[Result, string]} */
  let held = ["PASS", "ok"];
  if (before.some((stop) => stop.judgement.standing === "good")) held = ["FAIL", "ok"];
  else if (before.length || stops.missing) held = ["UNKNOWN", before[0]?.judgement.code ?? stops.missing?.code ?? "ok"];
  /** @type {[Result, string][]} */
  const codes = [...(judgement.standing === "doubtful" ? [/** @type {[Result, string]} */ (["UNKNOWN", judgement.code])] : []), [met, code], held];
  const result = worst(codes.map(([one]) => one));
  return { index: older.index, start, end, result, code: codes.find(([one]) => one === result)?.[1] ?? "ok" };
}

/** @param {Use} use @param {UseTerms} terms @returns {Result} */
function isAllowed(use, terms) {
  if (use.use) return allows(use.use, terms);
  const scope = scopeOf(terms), own = use.scopes[0];
  return !scope ? "UNKNOWN" : own && sameScope(scope, own) ? "PASS" : "FAIL";
}

/** FAIL where the rival's place is surely lower than the use's own, UNKNOWN where it may be. @param {Rival} rival @param {readonly Place[]} mine @returns {Iterable<Timed>} */
function* race(rival, mine) {
  for (const theirs of rival.places) {
    for (const own of mine) {
      const start = most(theirs.start, own.start), end = least(theirs.end, own.end);
      if (start >= end || theirs.low >= own.high) continue;
      const sureUntil = theirs.high < own.low ? least(end, rival.doubtFrom) : start;
      if (start < sureUntil) yield during(start, sureUntil, "FAIL", "clashes", rival.index);
      if (sureUntil >= end) continue;
      const code = sureUntil >= rival.doubtFrom ? rival.code : [theirs.code, own.code].find((one) => one !== "ok") ?? rival.code;
      yield during(most(start, sureUntil), end, "UNKNOWN", code, rival.index);
    }
  }
}

/** A warning with the releases for want of payment that were logged while nothing was overdue. @param {Context} context @param {ConsentEntry} consent @returns {import("../model/results.js").Remark[]} */
export function warnReleased(context, consent) {
  const section = "exclusive" in (consent.statement.sections ?? {}) ? context.section(consent, "exclusive") : null;
  if (!section || section instanceof Unread) return [];
  const { releases } = stopsOf(context, consent, /** @type {import("../../statements/sections.js").Exclusive} */ (section), false);
  const wrong = releases.filter(({ judgement, logged }) => judgement.standing === "good" && !mayBeOverdue(context, consent.statement.id, logged));
  return wrong.length ? [{ code: "not_overdue", entries: wrong.map(({ index }) => index) }] : [];
}

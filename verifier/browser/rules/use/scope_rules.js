/** A7, A8, A9: purpose, product, category, right, channel, placement and country within the consent's terms. */

import { CHANNELS, MANIPULATIONS, RIGHTS } from "../../statements/vocabulary.js";
import { Unread } from "../model/context.js";
import { always, unread } from "../model/results.js";
import { categoriesKnown, categoryWithin, isWithin, territoryOf, touches, useTerritory } from "../model/scope.js";

/**
 * @typedef {import("./case.js").UsageCase} UsageCase
 * @typedef {import("./case.js").UsageTerms} UsageTerms
 * @typedef {import("./case.js").UseTerms} UseTerms
 * @typedef {import("./case.js").ReportTerms} ReportTerms
 * @typedef {import("../model/results.js").Timed} Timed
 * @typedef {import("../model/scope.js").Territory} Territory
 */

export const PLACEMENTS = /** @type {const} */ (["creator", "organic", "owned", "paid"]);

/** @param {UsageCase} usageCase @param {string} code */
function timed({ consent, usage }, code) {
  return always(code === "ok" ? "PASS" : code === "bad_terms" ? "UNKNOWN" : "FAIL", code, consent.index, usage.index);
}

/** @param {UsageCase} usageCase @returns {Timed[]} */
function undisclosed({ terms, use, consent, usage }) {
  return [
    ...(terms instanceof Unread ? [unread(terms, consent)] : []),
    ...(use instanceof Unread ? [unread(use, usage)] : []),
  ];
}

/** @param {UsageCase} usageCase @returns {Timed[]} */
function hiddenReports({ doubt }) {
  return doubt ? [always("UNKNOWN", doubt.code, ...doubt.entries)] : [];
}

/** @param {UsageCase} usageCase */
export function judgePurpose(usageCase) {
  const hidden = undisclosed(usageCase);
  return hidden.length ? hidden : purposeCodes(usageCase.useTerms, usageCase.allowed).map((code) => timed(usageCase, code));
}

/** @param {UsageCase} usageCase */
export function judgeChannels(usageCase) {
  const results = undisclosed(usageCase);
  if (usageCase.terms instanceof Unread) return results;
  if (!results.length) results.push(...channelCodes(usageCase.useTerms, usageCase.allowed).map((code) => timed(usageCase, code)));
  const allowed = new Set(usageCase.allowed.channels);
  for (const [report, { lines }] of usageCase.reports) {
    const reported = lines.filter(({ impressions }) => impressions > 0n).map(({ channel }) => channel);
    if (!isWithin(reported, CHANNELS)) results.push(always("UNKNOWN", "bad_terms", report.index));
    else if (!isWithin(reported, allowed)) results.push(always("FAIL", "channel_denied", report.index));
  }
  return [...results, ...hiddenReports(usageCase)];
}

/** @param {UsageCase} usageCase */
export function judgeCountries(usageCase) {
  const results = undisclosed(usageCase);
  if (usageCase.terms instanceof Unread) return results;
  const terms = usageCase.allowed;
  if (!results.length) results.push(...countryCodes(usageCase.useTerms, terms).map((code) => timed(usageCase, code)));
  const allowed = territoryOf(terms.countries, terms.countries_excluded);
  if (allowed) results.push(...reportedOutside(usageCase, allowed));
  return [...results, ...hiddenReports(usageCase)];
}

/**
 * What may spill is measured against all that was reported; where nothing may, each report stands for itself.
 * @param {UsageCase} usageCase @param {Territory} allowed
 */
function* reportedOutside({ reports, doubt, allowed: { spill = 0n } }, allowed) {
  const sum = (/** @type {ReadonlyMap<string, bigint>} */ counts) => [...counts.values()].reduce((a, b) => a + b, 0n);
  for (const some of spill ? [reports] : reports.map((one) => [one])) {
    const reported = reportedCountries(some.map(([, section]) => section)), rows = some.map(([{ index }]) => index);
    const strays = countriesOutside(reported, allowed);
    if (!strays) yield always("UNKNOWN", "bad_terms", ...rows);
    else if (sum(strays) * 10_000n > spill * sum(reported) && !(spill && doubt)) {
      yield always("FAIL", "country_denied", ...rows); // beside a hidden report it may be as little as may spill
    }
  }
}

// The terms alone: also asked about an earlier consent in a chain (A16).

/** @param {string[]} codes */
const orOk = (codes) => (codes.length ? codes : ["ok"]);

/** @param {UsageTerms} use @param {UseTerms} terms */
function purposeCodes(use, terms) {
  const codes = [], denied = terms.categories_denied ?? [];
  if (!terms.purposes.includes(use.purpose)) codes.push("purpose_denied");
  if (terms.products && !(use.product !== undefined && terms.products.includes(use.product))) codes.push("product_denied");
  const known = categoriesKnown(terms.categories) && categoriesKnown(denied);
  if (!known || use.category === "all" || !categoriesKnown([use.category])) codes.push("bad_terms");
  else if (!categoryWithin(use.category, terms.categories) || categoryWithin(use.category, denied)) codes.push("category_denied");
  return orOk(codes);
}

/** @param {UsageTerms} use @param {UseTerms} terms */
function channelCodes(use, terms) {
  const codes = [];
  if (!isWithin([...use.rights, ...terms.rights], RIGHTS)) codes.push("bad_terms");
  else if (!isWithin(use.rights, new Set(terms.rights))) codes.push("right_denied");
  if (!isWithin([...use.channels, ...terms.channels], CHANNELS)) codes.push("bad_terms");
  else if (!isWithin(use.channels, new Set(terms.channels))) codes.push("channel_denied");
  if (!(terms.placements ?? PLACEMENTS).includes(use.placement ?? "paid")) codes.push("placement_denied");
  return orOk(codes);
}

/** @param {UsageTerms} use @param {UseTerms} terms */
function countryCodes(use, terms) {
  const declared = useTerritory(use), allowed = territoryOf(terms.countries, terms.countries_excluded);
  if (!declared || !allowed) return ["bad_terms"];
  return [allowed.contains(declared) ? "ok" : "country_denied"];
}

/** A12 and A13, the floor and approvals aside. @param {UsageTerms} use @param {UseTerms} terms */
function alterationCodes(use, terms) {
  const codes = [], allow = terms.allow ?? [], approve = terms.approve ?? [], declared = use.manipulations ?? [];
  if (declared.length) {
    if (!isWithin([...declared, ...allow, ...approve], MANIPULATIONS) || touches(allow, new Set(approve))) codes.push("bad_terms");
    else if (!isWithin(declared, new Set([...allow, ...approve]))) codes.push("manipulation_denied");
  }
  if (use.derivative_of && (terms.derivatives ?? "none") === "none") codes.push("derivative_denied");
  if (use.training && (terms.training ?? "none") === "none") codes.push("training_denied");
  return orOk(codes);
}

/** Whether terms allow a use as declared, by A7 to A9, A12 and A13. @param {UsageTerms} use @param {UseTerms} terms */
export function allows(use, terms) {
  const codes = [purposeCodes, channelCodes, countryCodes, alterationCodes].flatMap((read) => read(use, terms));
  if (codes.some((code) => code !== "ok" && code !== "bad_terms")) return "FAIL";
  return codes.includes("bad_terms") ? "UNKNOWN" : "PASS";
}

/** Impressions by country since the use began: per channel and country the largest total that was reported. @param {readonly ReportTerms[]} reports @returns {Map<string, bigint>} */
export function reportedCountries(reports) {
  /** @type {Map<string, {country: string, impressions: bigint}>} */
  const totals = new Map();
  for (const { channel, country, impressions } of reports.flatMap(({ lines }) => lines)) {
    const place = `${channel} ${country}`, before = totals.get(place)?.impressions ?? 0n;
    totals.set(place, { country, impressions: impressions > before ? impressions : before });
  }
  /** @type {Map<string, bigint>} */
  const countries = new Map();
  for (const { country, impressions } of totals.values()) {
    if (impressions) countries.set(country, (countries.get(country) ?? 0n) + impressions);
  }
  return countries;
}

/** The reported countries outside with their impressions; null where a code is not known. @template T @param {ReadonlyMap<string, T>} countries @param {Territory} allowed @returns {Map<string, T> | null} */
export function countriesOutside(countries, allowed) {
  if (countries.size && !territoryOf(countries.keys())) return null;
  return new Map([...countries].filter(([country]) => !allowed.holds(country)));
}

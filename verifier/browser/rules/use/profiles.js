/** Profiles: which duties a body of law or an agreement makes hard, and their numbers; A15 and A19, which turn on them. */

import { parseInstant } from "../../base/instant.js";
import { COUNTRIES, EU_COUNTRIES } from "../../statements/vocabulary.js";
import { Unread } from "../model/context.js";
import { always, during, FOREVER, unread } from "../model/results.js";
import { isWithin, Territory, touches, useTerritory } from "../model/scope.js";
import { isUse } from "./case.js";
import { reportedCountries } from "./scope_rules.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("./case.js").UsageCase} UsageCase
 * @typedef {import("./case.js").ConsentCase} ConsentCase
 * @typedef {import("./case.js").UseTerms | import("./case.js").CreateTerms} AnyTerms
 * @typedef {import("../model/results.js").Timed} Timed
 * @typedef {{hours: bigint, form: boolean, label: boolean, productLine: boolean, rate: boolean}} Profile
 */

const EU_LABEL_FROM = parseInstant("2026-08-02T00:00:00Z");
const EU = new Territory(EU_COUNTRIES);
/** @type {Record<string, readonly string[]>} */
const LABELS = { none: [], visible: ["visible"], marked: ["marked"], both: ["visible", "marked"] };
/** @type {Profile} */
const OPEN = { hours: 24n, form: false, label: false, productLine: false, rate: false };
/** @type {Record<string, Profile>} */
const PROFILES = {
  open: OPEN,
  ny: { ...OPEN, form: true, rate: true },
  "sag-aftra": { ...OPEN, hours: 48n, form: true, productLine: true },
  eu: { ...OPEN, label: true },
  "equity-uk": OPEN,
};

/** The registry's and the consent's profile in one: every duty of either, the stricter number. @param {Context} context @param {AnyTerms} terms @returns {Profile} */
function profileOf(context, terms) {
  const both = [context.profile, terms.profile ?? context.profile].map((name) => PROFILES[name] ?? OPEN);
  const some = (/** @type {(one: Profile) => boolean} */ is) => both.some(is);
  return {
    hours: both.reduce((hours, one) => (one.hours > hours ? one.hours : hours), 0n), form: some((one) => one.form),
    label: some((one) => one.label), productLine: some((one) => one.productLine), rate: some((one) => one.rate),
  };
}

/** @param {UsageCase | ConsentCase} usageCase @returns {Timed[]} */
export function judgeForm({ context, consent, terms }) {
  if (terms instanceof Unread) return [unread(terms, consent)];
  if (!profileOf(context, terms).form) return [always("NOT_APPLICABLE", "not_applicable")];
  const codes = formCodes(context, terms);
  return codes.length ? codes.map((code) => always("FAIL", code, consent.index)) : [always("PASS", "ok", consent.index)];
}

/** A19 as warnings, where no profile makes it a duty; and of a consent to create that names no rate. @param {UsageCase | ConsentCase} usageCase */
export function warnForm({ context, consent, terms }) {
  const known = terms instanceof Unread ? null : terms; // the registry's profile is public, and so is the header
  const codes = known && !profileOf(context, known).form ? formCodes(context, known) : [];
  const isRateAskedFor = [context.profile, known?.profile ?? context.profile].some((name) => PROFILES[name]?.rate);
  if (isRateAskedFor && consent.statement.act === "create" && !consent.statement.sections?.money) codes.push("rate_missing");
  return codes.map((code) => ({ code, entries: [consent.index] }));
}

/** @param {Context} context @param {AnyTerms} terms */
function formCodes(context, terms) {
  const profile = profileOf(context, terms), codes = [];
  if (terms.delivered > terms.starts - profile.hours * 3600n) codes.push("delivered_late");
  if (profile.productLine && isUse(terms) && !terms.products) codes.push("product_line_missing");
  return codes;
}

/** A15: labelled as the terms say and, in the European Union under `eu`, visibly. @param {UsageCase} usageCase @returns {Timed[]} */
export function judgeLabel(usageCase) {
  const { context, consent, usage, doubt } = usageCase, terms = usageCase.allowed;
  const byLaw = profileOf(context, terms).label, wanted = LABELS[terms.label ?? "none"] ?? [];
  if (!wanted.length && !byLaw) return [always("NOT_APPLICABLE", "not_applicable")];
  const use = usageCase.useTerms, shown = new Set(LABELS[use.label ?? "none"]), results = [];
  if (!isWithin(wanted, shown)) results.push(always("FAIL", "label_missing", consent.index, usage.index));
  if (byLaw && !shown.has("visible")) {
    const reach = useTerritory(use), reported = reportedCountries(usageCase.reports.map(([, section]) => section)).keys();
    const countries = [...reported];
    if (touches(countries, EU_COUNTRIES) || reach?.meets(EU)) results.push(during(EU_LABEL_FROM, FOREVER, "FAIL", "label_missing", usage.index));
    else if (!reach || !isWithin(countries, COUNTRIES)) results.push(during(EU_LABEL_FROM, FOREVER, "UNKNOWN", "bad_terms", usage.index));
    else if (doubt) results.push(during(EU_LABEL_FROM, FOREVER, "UNKNOWN", doubt.code, ...doubt.entries));
  }
  return [...results, always("PASS", "ok", consent.index, usage.index)];
}

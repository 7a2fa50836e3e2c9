/** A14, and wherever else terms ask for an approval (A12, A13): decisions on exactly these files. */

import { CHANNELS } from "../../statements/vocabulary.js";
import { Unread } from "../model/context.js";
import { always, during, FOREVER } from "../model/results.js";
import { categoriesKnown, categoriesMeet, categoryWithin, isWithin, territoryOf, touches, useTerritory } from "../model/scope.js";

/**
 * @typedef {import("./case.js").UsageCase} UsageCase
 * @typedef {import("./case.js").UsageTerms} UsageTerms
 * @typedef {import("../model/record.js").Entry<"approval">} ApprovalEntry
 * @typedef {import("../model/results.js").Timed} Timed
 * @typedef {import("../model/scope.js").Territory} Territory
 * @typedef {{entry: ApprovalEntry, approves: boolean, contains: boolean, byAgency: boolean}} Decision one that meets the use
 */

/** In how many ways the decisions on a file may turn out before it is not worked out any more what they come to. */
const MAX_WAYS = 27;

/** @param {UsageCase} usageCase */
export function judgeApproval(usageCase) {
  return usageCase.allowed.approval === "none" ? [always("NOT_APPLICABLE", "not_applicable")] : approved(usageCase);
}

/** Whether each asset of the usage was approved, and from when on. @param {UsageCase} usageCase @returns {Timed[]} */
export function approved(usageCase) {
  const use = usageCase.useTerms, reach = useTerritory(use);
  if (!reach || !categoriesKnown([use.category]) || !isWithin(use.channels, CHANNELS)) {
    return [always("UNKNOWN", "bad_terms", usageCase.usage.index)];
  }
  return usageCase.statement.assets.flatMap((asset) => judgeAsset(usageCase, use, reach, asset));
}

/**
 * One file's result: the same in every way in which the decisions that cannot be told may turn out.
 * @param {UsageCase} usageCase @param {UsageTerms} use @param {Territory} reach @param {string} asset @returns {Timed[]}
 */
function judgeAsset(usageCase, use, reach, asset) {
  const listed = usageCase.context.listed(`approval:${usageCase.statement.consent}.${asset}`, "approval");
  if (!listed) return [always("UNKNOWN", "list_missing", usageCase.usage.index)];
  /** @type {Decision[][]} */
  let ways = [[]];
  /** @type {Timed | null} */
  let unsure = null;
  for (const [entry, judgement] of listed) {
    const found = readDecision(usageCase, use, reach, entry);
    const code = found instanceof Unread ? found.code : found ? judgement.code : "ok";
    if (code === "ok") {
      if (!found || found instanceof Unread) continue;
      if (!found.byAgency && entry.index < usageCase.usage.index) { // whatever was decided before: her own word is the last
        ways = [[]];
        unsure = null;
      }
      for (const way of ways) way.push(found);
      continue;
    }
    unsure ??= always("UNKNOWN", code, entry.index);
    if (ways.length <= MAX_WAYS) ways = ways.flatMap((way) => mayBe(entry, found).map((more) => [...way, ...more]));
  }
  const outcomes = ways.map((way) => decide(usageCase, use, way));
  const told = (/** @type {Timed[]} */ results) => results.map(({ start, end, result }) => `${start} ${end} ${result}`).join();
  const first = outcomes[0] ?? [];
  if (unsure && (ways.length > MAX_WAYS || outcomes.some((one) => told(one) !== told(first)))) return [unsure];
  return first;
}

/** What a decision that is doubtful or cannot be read may come to. @param {ApprovalEntry} entry @param {Decision | Unread | null} found @returns {Decision[][]} */
function mayBe(entry, found) {
  if (found && !(found instanceof Unread)) return [[], [found]];
  const approves = entry.statement.decision === "approve", byAgency = !!entry.statement.under;
  return [[], ...[true, false].map((contains) => [{ entry, approves, contains, byAgency }])];
}

/** One file's result by the decisions that meet the use, in log order. @param {UsageCase} usageCase @param {UsageTerms} use @param {Decision[]} decisions @returns {Timed[]} */
function decide(usageCase, use, decisions) {
  const { index } = usageCase.usage;
  const counted = decisionsThatCount(decisions), earlier = counted.filter(({ entry }) => entry.index < index);
  const last = earlier.at(-1);
  if (last?.approves && last.contains) return [always("PASS", "ok", last.entry.index)];
  if (!decisions.some(({ entry }) => entry.index < index)) {
    const silent = silence(usageCase, use, decisions);
    if (silent) return [silent];
  }
  const code = last && !last.approves ? "rejected" : "not_approved";
  const refused = [index, ...(last ? [last.entry.index] : [])];
  const since = counted.find(({ entry, approves, contains }) => entry.index > index && approves && contains)?.entry;
  if (!since) return [always("FAIL", code, ...refused)];
  return [
    during(-FOREVER + 1n, since.logged, "FAIL", code, ...refused),
    during(since.logged, FOREVER, "PASS", "ok", since.index),
  ];
}

/** Whether an approval, as far as its own terms limit it, contains the whole use; or why that cannot be told. @param {UsageCase} usageCase @param {ApprovalEntry} approval */
export function covers(usageCase, approval) {
  if (!approval.statement.sections?.terms) return true;
  const use = usageCase.useTerms, reach = useTerritory(use);
  if (!reach || !categoriesKnown([use.category])) return new Unread("bad_terms");
  const found = readDecision(usageCase, use, reach, approval);
  return found instanceof Unread ? found : !!found?.contains;
}

/**
 * A decision, if it meets the use; why it cannot be told, if its own terms are hidden or make no sense.
 * @param {UsageCase} usageCase @param {UsageTerms} use @param {Territory} reach @param {ApprovalEntry} entry
 * @returns {Decision | Unread | null}
 */
function readDecision(usageCase, use, reach, entry) {
  const { statement } = entry;
  /** @type {import("../../statements/sections.js").ApprovalTerms} */
  let limits = Object.create(null);
  if (statement.sections?.terms) {
    const section = usageCase.context.section(entry, "terms");
    if (section instanceof Unread) return section;
    limits = /** @type {import("../../statements/sections.js").ApprovalTerms} */ (section);
  }
  let meets = true, contains = true;
  if (limits.category !== undefined) {
    if (!categoriesKnown([limits.category])) return new Unread("bad_terms");
    meets &&= categoriesMeet([limits.category], [use.category]);
    contains &&= categoryWithin(use.category, [limits.category]);
  }
  if (limits.channels) {
    if (!isWithin(limits.channels, CHANNELS)) return new Unread("bad_terms");
    const channels = new Set(limits.channels);
    meets &&= touches(use.channels, channels);
    contains &&= isWithin(use.channels, channels);
  }
  if (limits.countries) {
    const where = territoryOf(limits.countries);
    if (!where) return new Unread("bad_terms");
    meets &&= where.meets(reach);
    contains &&= where.contains(reach);
  }
  return meets ? { entry, approves: statement.decision === "approve", contains, byAgency: !!statement.under } : null;
}

/** An agency's approval never overturns the model's own rejection. @param {Decision[]} decisions */
function decisionsThatCount(decisions) {
  let rejectedByHer = false;
  return decisions.filter(({ byAgency, approves }) => {
    if (!byAgency) rejectedByHer = !approves;
    return !(byAgency && approves && rejectedByHer);
  });
}

/** The result of silence where the terms let it approve; null where it is a refusal. @param {UsageCase} usageCase @param {UsageTerms} use @param {Decision[]} decisions */
function silence(usageCase, use, decisions) {
  const wait = usageCase.allowed.silence;
  if (wait === undefined) return null;
  const ends = usageCase.usage.logged + wait;
  if (ends > use.starts || decisions.some(({ entry }) => entry.logged < ends)) return null;
  return usageCase.context.asOf < ends
    ? always("UNKNOWN", "not_yet", usageCase.usage.index) : always("PASS", "silence", usageCase.usage.index);
}

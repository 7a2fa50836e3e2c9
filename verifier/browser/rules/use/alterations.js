/** A12, A13: what may be done to her picture, what may be made of it, and the floor under a minor. */

import { MANIPULATIONS } from "../../statements/vocabulary.js";
import { holds, Unread } from "../model/context.js";
import { always, least, unread } from "../model/results.js";
import { isWithin, touches } from "../model/scope.js";
import { approved } from "./approvals.js";

/**
 * @typedef {import("./case.js").UsageCase} UsageCase
 * @typedef {import("../model/results.js").Timed} Timed
 */

const FLOOR = new Set(["lingerie", "nudity"]);

/** @param {UsageCase} usageCase @returns {Timed[]} */
export function judgeManipulations(usageCase) {
  const { manipulations: declared = [], starts } = usageCase.useTerms, { terms, consent, usage } = usageCase;
  if (!declared.length) return [always("NOT_APPLICABLE", "not_applicable")];
  const results = touches(declared, FLOOR) ? judgeFloor(usageCase, starts) : [];
  if (terms instanceof Unread) return [...results, unread(terms, consent)];
  const allow = terms.allow ?? [], approve = new Set(terms.approve ?? []);
  if (!isWithin([...declared, ...allow, ...approve], MANIPULATIONS) || touches(allow, approve)) {
    return [...results, always("UNKNOWN", "bad_terms", consent.index, usage.index)];
  }
  if (!isWithin(declared, new Set([...allow, ...approve]))) results.push(always("FAIL", "manipulation_denied", consent.index, usage.index));
  if (touches(declared, approve)) results.push(...approved(usageCase));
  return [...results, always("PASS", "ok", consent.index, usage.index)];
}

/**
 * FAIL for a minor: some good guardian statement, whenever logged, reaches past the use's start or her scan.
 * @param {UsageCase} usageCase @param {bigint} starts @returns {Timed[]}
 */
function judgeFloor({ context, consent, usage }, starts) {
  const unknown = (/** @type {number[]} */ ...entries) => [always("UNKNOWN", "list_missing", usage.index, ...entries)];
  const { statement } = consent, { twin: twinId = "" } = statement;
  const listed = context.listed(`keys:${statement.parties?.model}`, "guardian");
  const [twin] = context.named(`twin:${twinId}`, twinId, consent.index);
  let creation = null;
  if (holds(twin, "twin")) [creation] = context.named(`consent:${twin.statement.creation}`, twin.statement.creation, twin.index);
  if (!listed) return unknown();
  const since = creation ? least(starts, creation.logged) : starts;
  /** @type {number[]} */
  let unsure = [];
  for (const [entry, { standing }] of listed) {
    if (entry.statement.until <= since) continue;
    if (standing === "good") return [always("FAIL", "minor", usage.index, entry.index)];
    unsure = [entry.index];
  }
  return unsure.length || (!creation && listed.length) ? unknown(...unsure) : [];
}

/** @param {UsageCase} usageCase @returns {Timed[]} */
export function judgeDerivatives(usageCase) {
  const use = usageCase.useTerms;
  if (!use.derivative_of && !use.training) return [always("NOT_APPLICABLE", "not_applicable")];
  const { derivatives = "none", training = "none" } = usageCase.allowed;
  const rows = [usageCase.consent.index, usageCase.usage.index], results = [];
  if (use.derivative_of && derivatives === "none") results.push(always("FAIL", "derivative_denied", ...rows));
  if (use.derivative_of && derivatives === "approve") results.push(...approved(usageCase));
  if (use.training && training === "none") results.push(always("FAIL", "training_denied", ...rows));
  return [...results, always("PASS", "ok", ...rows)];
}

/** A2: what an agency signs for a model rests on a mandate that was in force and had the power. */

import { addMonths } from "../../base/instant.js";
import { doubtful, GOOD, holds, voided } from "../model/context.js";
import { kindOf, member } from "./kinds.js";

const LONGEST_MANDATE = 36; // months

/**
 * @param {import("../model/context.js").Context} context
 * @param {import("../model/record.js").Entry} entry
 * @returns {import("../model/context.js").Judgement} good where the statement names no mandate
 */
export function judgePower(context, entry) {
  const under = member(entry.statement, "under");
  if (!under) return GOOD;
  const [mandate, judgement] = context.named(`mandate:${under}`, under, entry.index);
  if (!mandate || judgement.standing === "doubtful") return doubtful("A2", judgement.code);
  if (!holds(mandate, "mandate")) return voided("A2", "void_power", mandate.index);
  const { powers, starts, ends } = mandate.statement, { power } = kindOf(entry.statement);
  if (power && !(/** @type {string[]} */ (powers)).includes(power)) return voided("A2", "void_power", mandate.index);
  const longest = addMonths(starts, LONGEST_MANDATE);
  const last = longest < ends ? longest : ends;
  if (entry.logged < starts || entry.logged >= last) return voided("A2", "void_power", mandate.index);
  let unsure = GOOD;
  for (const [revocation, found] of context.listed(`mandate:${under}`, "revocation") ?? []) {
    const { effective } = revocation.statement;
    const since = effective > revocation.logged ? effective : revocation.logged;
    if (revocation.index >= entry.index || since > entry.logged) continue;
    if (found.standing === "good") return voided("A2", "void_power", mandate.index, revocation.index);
    unsure = doubtful("A2", found.code, revocation.index);
  }
  return unsure;
}

/** Who must sign a statement, by the protocol's table (4), and who has. */

import { kindOf, member } from "../rules/standing/kinds.js";

/**
 * @typedef {import("./submission.js").Submission} Submission
 * @typedef {{party: string, role: string, signed: bigint | null, isOwn: boolean}} Signer `signed`: when, as the registry's page says
 */

const PEOPLE = new Set(["model", "guardian"]);

/** Those that the header names. A ward's guardian stands beside her where the statement names one. @param {Submission} submission @param {string | undefined} own @param {readonly import("./act.js").Told[]} people @returns {Signer[]} */
export function signersOf({ statement }, own, people) {
  const { signed } = kindOf(statement), parties = statement.parties ?? {};
  const named = signed.how === "keys" || signed.how === "forms" ? [] : signed.roles.map(({ role }) => role).filter((role) => parties[role]);
  /** @type {string[]} */
  const roles = signed.how === "first" ? named.slice(0, 1) : named;
  if (parties.guardian && !roles.includes("guardian")) roles.push("guardian");
  const found = roles.map((role) => ({ role, party: /** @type {string} */ (parties[/** @type {"model"} */ (role)]) }));
  if (own !== undefined && !found.some(({ party }) => party === own)) found.push({ role: "signer", party: own });
  return found.map(({ role, party }) => ({ role, party, isOwn: party === own, signed: people.find((one) => one.party === party)?.signed ?? null }));
}

/**
 * Whether a party's signature may be asked for: one too many makes a statement void (A1). Where a mandate or a registrar is
 * behind it, the header does not say whose it is.
 * @param {Submission} submission @param {string | undefined} own
 */
export function mayBeAsked({ statement }, own) {
  const { signed } = kindOf(statement), parties = statement.parties ?? {};
  if (own === undefined || signed.how === "keys" || signed.how === "forms" || member(statement, "under")) return true;
  return [...signed.roles.map(({ role }) => parties[role]), parties.guardian, parties.author].includes(own);
}

/** @param {string} role */
export const isPerson = (role) => PEOPLE.has(role);

/** Who gets how much of a total: parts, largest remainders and legs (M2, M3). All running, so that no part of a unit is lost. */

import { halfEven, isTooLarge, sum } from "./amounts.js";
import { CannotTell } from "./reasons.js";

/** @typedef {import("../../statements/sections.js").Split} Split */
/** Which way money goes to a payee (M3). @typedef {"direct" | "to_agency" | "from_agency"} LegKind */
/** One debt of a consent: a payee is owed gross / 10,000 of the quotas at some places of the splits. @typedef {{payee: string, kind: LegKind, places: readonly number[], gross: bigint}} Leg */

export const WHOLE = 10_000n;

/** The most that a profile lets an agency take, of 10,000 (New York's Fashion Workers Act). @type {ReadonlyMap<string, bigint>} */
export const PROFILE_COMMISSION = new Map([["ny", 2_000n]]);

/** What a leg's debt has come to when the payees' quotas are these. @param {Leg} leg @param {readonly bigint[]} quotas */
export function legTotal({ places, gross }, quotas) {
  const net = sum(places.map((place) => quotas[place] ?? 0n));
  const total = gross === WHOLE ? net : halfEven(net * gross, WHOLE);
  if (isTooLarge(total)) throw new CannotTell("M2", "too_large");
  return total;
}

/** A total shared out by parts: floors, and what is left by largest remainder; ties go to the earlier place. @param {bigint} total @param {readonly bigint[]} parts */
export function quotasOf(total, parts) {
  const whole = sum(parts);
  const rests = parts.map((part) => ((total * part) % whole + whole) % whole);
  const shares = parts.map((part, place) => (total * part - (rests[place] ?? 0n)) / whole);
  const left = Number(total - sum(shares));
  const order = rests.map((rest, place) => ({ rest, place })).sort((a, b) => (a.rest === b.rest ? a.place - b.place : a.rest > b.rest ? -1 : 1));
  for (const { place } of order.slice(0, left)) shares[place] = (shares[place] ?? 0n) + 1n;
  return shares;
}

/** The debts that splits, in the order of their payees' ids, make: rising by payee and kind. @param {readonly Split[]} splits @param {string | undefined} agency @returns {Leg[]} */
export function legsOf(splits, agency) {
  const through = splits.flatMap(({ via }, place) => (via === undefined ? [] : [place]));
  const own = splits.flatMap(({ via, payee }, place) => (through.length && via === undefined && payee === agency ? [place] : []));
  /** @type {Leg[]} */
  const found = splits.flatMap(({ via, payee, gross_bp }, place) => (own.includes(place) ? [] : [
    { payee, kind: /** @type {LegKind} */ (via === undefined ? "direct" : "from_agency"), places: [place], gross: gross_bp ?? WHOLE },
  ]));
  if (through.length && agency !== undefined) {
    const places = [...through, ...own].sort((a, b) => a - b), first = own[0];
    found.push({ payee: agency, kind: "to_agency", places, gross: (first === undefined ? undefined : splits[first]?.gross_bp) ?? WHOLE });
  }
  return found.sort((a, b) => (a.payee < b.payee ? -1 : a.payee > b.payee ? 1 : a.kind < b.kind ? -1 : 1));
}

/** What stops a consent: revocations, suspensions and resumptions, an option that lapses (T7, A5, A6). */

import { doubtful, GOOD, holds, Unread } from "../model/context.js";
import { FOREVER, least, most } from "../model/results.js";
import { isModelsSide, licenseeSigned } from "./signers.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../../statements/sections.js").UseTerms} UseTerms
 * @typedef {import("../../statements/sections.js").CreateTerms} CreateTerms
 * @typedef {import("../../statements/sections.js").Exclusive} Exclusive
 * @typedef {import("../model/record.js").Entry<"consent">} ConsentEntry
 */
/**
 * Nothing may run in [start, end) but what a sell-off allows. `waits`: for the notice, if any. `byLicensee`: it revokes
 * alone, and owes what it still owes (M1).
 * @typedef {{index: number, start: bigint, end: bigint, code: string, judgement: Judgement, waits: boolean, byLicensee: boolean, logged: bigint}} Stop
 */
/**
 * All stops of one consent. `missing` says why there may be more, or why their effect cannot be told. `releases` end its
 * exclusivity alone; `lapses`: it is an option that was, or may have been, not taken in time.
 * @typedef {{revocations: Stop[], suspensions: Stop[], replacedBy: [ConsentEntry, Judgement][], releases: Stop[],
 *   lapses: Stop[], missing: Unread | null}} Stops
 */

/**
 * Everything that stops a consent: on it, on its twin, on that twin's creation; `onward`: and on its successors.
 * @param {Context} context
 * @param {ConsentEntry} consent
 * @param {UseTerms | CreateTerms | Exclusive | Unread} section gives the notice; while it is hidden, what waits for it is in doubt from the earliest instant
 * @param {boolean} onward
 * @returns {Stops}
 */
export function stopsOf(context, consent, section, onward) {
  /** @type {Stops} */
  const found = { revocations: [], suspensions: [], replacedBy: [], releases: [], lapses: [], missing: null };
  const hidden = section instanceof Unread && consent.statement.act === "use" ? section : null;
  found.missing = hidden;
  let notice = 0n;
  if (!(section instanceof Unread) && consent.statement.act === "use") {
    const profile = "profile" in section ? section.profile : undefined;
    notice = context.profile === "eu" || profile === "eu" || !("notice" in section) ? 0n : section.notice ?? 0n;
  }
  found.replacedBy = successors(context, consent.statement.id, found);
  const chain = onward ? onwards(context, consent, found) : [consent];
  /** @type {Map<string, ConsentEntry>} */
  const twins = new Map();
  for (const one of chain) {
    addRevocations(context, "consent", one.statement.id, notice, found);
    if (one.statement.twin && !twins.has(one.statement.twin)) twins.set(one.statement.twin, one);
  }
  addSuspensions(context, chain, notice, found);
  if (!(section instanceof Unread) && "release" in section && section.release !== undefined) {
    addReleases(context, consent, section.release, found);
  }
  addLapse(context, consent, found);
  for (const [id, one] of twins) {
    addRevocations(context, "twin", id, notice, found);
    const [twin] = context.named(`twin:${id}`, id, one.index);
    if (holds(twin, "twin")) addRevocations(context, "consent", twin.statement.creation, notice, found);
    else found.missing ??= new Unread("list_missing");
  }
  if (hidden) {
    if (found.missing === hidden && !found.revocations.length && !found.suspensions.length) found.missing = null;
    const judgement = doubtful("T7", hidden.code, ...hidden.entries);
    for (const stop of [...found.revocations, ...found.suspensions]) if (stop.waits) stop.judgement = judgement;
  }
  return found;
}

/** @param {Context} context @param {string} id @param {Stops} found @returns {[ConsentEntry, Judgement][]} */
function successors(context, id, found) {
  const listed = context.listed(`consent:${id}`, "consent");
  if (!listed) found.missing = new Unread("list_missing");
  return (listed ?? []).filter(([{ statement }]) => (statement.replaces ?? statement.renews) === id);
}

/** The consent and all that follow it, directly or through others. @param {Context} context @param {ConsentEntry} consent @param {Stops} found */
function onwards(context, consent, found) {
  const chain = [consent], seen = new Set([consent.statement.id]);
  for (const one of chain) {
    for (const [entry] of successors(context, one.statement.id, found)) {
      if (seen.has(entry.statement.id)) continue;
      seen.add(entry.statement.id);
      chain.push(entry);
    }
  }
  return chain;
}

/** @param {Context} context @param {"consent" | "twin"} kind @param {string} id @param {bigint} notice @param {Stops} found */
function addRevocations(context, kind, id, notice, found) {
  const listed = context.listed(`${kind}:${id}`, "revocation");
  if (!listed) {
    found.missing = new Unread("list_missing");
    return;
  }
  for (const [entry, judgement] of listed) {
    if (entry.statement[kind] !== id || entry.statement.part) continue;
    const by = licenseeSigned(context, entry);
    const { signed, alone } = by ?? { signed: true, alone: false };
    const start = most(entry.statement.effective, entry.logged + (signed ? 0n : notice));
    found.revocations.push({
      index: entry.index, start, end: FOREVER, code: "revoked", judgement, waits: !signed || !by, byLicensee: alone, logged: entry.logged,
    });
  }
}

/** @param {Context} context @param {ConsentEntry} consent @param {bigint} release @param {Stops} found */
function addReleases(context, consent, release, found) {
  for (const [{ index, logged, statement }, judgement] of context.listed(`consent:${consent.statement.id}`, "revocation") ?? []) {
    if (!statement.part) continue;
    const start = most(statement.effective, logged + release);
    found.releases.push({ index, start, end: FOREVER, code: "revoked", judgement, waits: true, byLicensee: false, logged });
  }
}

/** The good and doubtful words that an option is taken; null: its list is not shown. @param {Context} context @param {ConsentEntry} consent */
export function exercisesOf(context, consent) {
  return context.listed(`consent:${consent.statement.id}`, "exercise");
}

/** An option that is not exercised in time counts as revoked then. @param {Context} context @param {ConsentEntry} consent @param {Stops} found */
function addLapse(context, consent, found) {
  const by = consent.statement.exercise_by, taken = exercisesOf(context, consent);
  if (by === undefined || !taken || taken.some(([, { standing }]) => standing === "good")) return;
  let why = context.asOf >= by ? GOOD : doubtful("A5", "not_yet", consent.index);
  for (const [entry, { code }] of taken) why = doubtful("A5", code, entry.index);
  found.lapses.push({
    index: consent.index, start: by, end: FOREVER, code: "not_exercised", judgement: why, waits: false, byLicensee: false, logged: by,
  });
}

/**
 * Each suspension lasts until its own signer's side resumes; a union's takes effect at once.
 * @param {Context} context @param {readonly ConsentEntry[]} chain @param {bigint} notice @param {Stops} found
 */
function addSuspensions(context, chain, notice, found) {
  const listed = chain.flatMap((one) => {
    const theirs = context.listed(`consent:${one.statement.id}`, "suspension", "resumption");
    if (!theirs) found.missing = new Unread("list_missing");
    return theirs ?? [];
  }).sort(([a], [b]) => a.index - b.index);
  for (const [entry, judgement] of listed) {
    if (!holds(entry, "suspension")) continue;
    const side = isModelsSide(context, entry);
    const start = most(entry.statement.effective, entry.logged + (side ? notice : 0n));
    let end = FOREVER, maybe = FOREVER, unsure = judgement;
    for (const [other, found2] of listed) {
      if (!holds(other, "resumption") || other.index < entry.index) continue;
      const otherSide = isModelsSide(context, other);
      const at = most(other.statement.effective, other.logged);
      if (side !== null && otherSide !== null && side !== otherSide) continue;
      if (found2.standing === "good" && side !== null) end = least(end, at);
      else if (at < maybe) {
        maybe = at;
        unsure = found2;
      }
    }
    /** @type {[bigint, Judgement][]} Where what may lift it does not, it is the same suspension, sell-off included. */
    const stretches = [[end, maybe < end && judgement.standing === "good" ? unsure : judgement]];
    if (maybe < end) stretches.push([maybe, judgement]);
    for (const [until, why] of stretches) {
      if (start >= until) continue;
      found.suspensions.push({
        index: entry.index, start, end: until, code: "suspended", judgement: why, waits: side !== false, byLicensee: false, logged: 0n,
      });
    }
  }
}

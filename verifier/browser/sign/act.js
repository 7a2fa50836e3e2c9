/** What a registry's page asks for: an act in the address's fragment, which is read strictly and believed in nothing. */

import { parseB64u } from "../base/base64.js";
import { parse } from "../base/canonical.js";
import { Malformed } from "../base/errors.js";
import { arrayOf, choice, hex64, instant, matching, record, setOf, text, textOf } from "../statements/readers.js";
import { knownStep } from "./requests.js";
import { readSubmission } from "./submission.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("./requests.js").Step & import("./requests.js").Known} ActStep
 * @typedef {{party: string, name?: string, signed?: bigint}} Told what a registry's page says of a party; nothing of it is signed
 * @typedef {{back: string, genesis: string, registry: string, party?: string, language?: string}} Place
 * @typedef {Place & {act: "sign", submission: import("./submission.js").Submission, steps: ActStep[], people: Told[]}} SignAct
 * @typedef {Place & {act: "request", steps: ActStep[], people: Told[]}} RequestAct
 * @typedef {Place & {act: "sign-in", nonce: string}} SignInAct
 * @typedef {Place & {act: "enrol", invitation: string, name: string, roles: string[]}} EnrolAct
 * @typedef {Place & {act: "keys", why?: (typeof WHY)[number]}} KeysAct what happened that leads here
 * @typedef {SignAct | RequestAct | SignInAct | EnrolAct | KeysAct} Act
 */

const MAX_ACT = 1_000_000;
const MAX_STEPS = 8, MAX_PEOPLE = 64;
const WHY = /** @type {const} */ (["lost", "new", "sheet", "stolen"]);
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

const hex32 = matching(/^[0-9a-f]{32}$/, 32, "32 lower-case hex digits");
const anything = (/** @type {Json} */ value) => value;
const step = record({ method: choice("DELETE", "POST"), path: text }, { body: anything });
const person = record({ party: hex64 }, { name: textOf(1, 80), signed: instant });
const people = arrayOf(person, 0, MAX_PEOPLE), steps = arrayOf(step, 1, MAX_STEPS);
const roles = setOf(choice("agency", "arbiter", "fund", "guardian", "licensee", "maker", "model", "provider", "union"));

const place = { act: text, back: text, genesis: hex64, registry: text };
const maybe = { language: text, party: hex64, words: text, zone: text };
const READERS = {
  sign: record({ ...place, submission: anything, steps }, { ...maybe, people }),
  request: record({ ...place, steps }, { ...maybe, people }),
  "sign-in": record({ ...place, nonce: hex32 }, maybe),
  enrol: record({ ...place, invitation: hex32 }, { ...maybe, name: textOf(1, 80), roles }),
  keys: record(place, { ...maybe, why: choice(...WHY) }),
};

/** The act in a fragment, null where there is none. Throws {@link Malformed}. @param {string} fragment with its number sign @returns {Act | null} */
export function readAct(fragment) {
  const found = /^#act=(.*)$/.exec(fragment)?.[1];
  if (found === undefined) return null;
  if (found.length > 2 * MAX_ACT) throw new Malformed("it is too long");
  const value = parse(parseB64u(found), MAX_ACT);
  const name = value instanceof Map ? value.get("act") : undefined;
  if (typeof name !== "string" || !Object.hasOwn(READERS, name)) throw new Malformed("not an act of this page", "act");
  const read = /** @type {any} */ (READERS[/** @type {keyof typeof READERS} */ (name)](value));
  checkPlace(read);
  const people = read.people ?? [];
  switch (name) {
    case "sign": {
      const submission = readSubmission(read.submission);
      return { ...read, people, submission, steps: stepsUnder(read.steps, submission.statement.id) };
    }
    case "request": return { ...read, people, steps: stepsUnder(read.steps, null) };
    case "enrol": return { ...read, name: read.name ?? "", roles: read.roles ?? [] };
    default: return read;
  }
}

/** A registry is an origin, and its pages are of it. @param {Place} place */
function checkPlace({ back, registry }) {
  const origin = originOf(registry);
  if (origin !== registry) throw new Malformed("must be the origin of a registry: https, or this device's own", "registry");
  if (originOf(back) !== origin) throw new Malformed("must be an address on that registry", "back");
}

/** The origin of an address over TLS or of this device; else empty. @param {string} address */
export function originOf(address) {
  try {
    const { origin, protocol, hostname } = new URL(address);
    return protocol === "https:" || (protocol === "http:" && LOOPBACK.has(hostname)) ? origin : "";
  } catch {
    return "";
  }
}

/** What is sent after the statement `id` is signed, or of itself (null). @param {import("./requests.js").Step[]} steps @param {string | null} id @returns {ActStep[]} */
function stepsUnder(steps, id) {
  return steps.map((one) => {
    const known = knownStep(one), isOfStatement = known.carries === "signed" || known.carries === "signature";
    if (id === null && isOfStatement) throw new Malformed("nothing is signed here", one.path);
    if (id !== null && known.carries === "signature" && known.id !== id) throw new Malformed("another statement than the one that is signed", one.path);
    return { ...one, ...known };
  });
}

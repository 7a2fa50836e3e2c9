/** The two statements that this page writes itself: an enrolment, and a change of keys by the recovery key (protocol, 4, 4.1). */

import { formatB64u } from "../base/base64.js";
import { encode, object } from "../base/canonical.js";
import { formatInstant } from "../base/instant.js";
import { digestOf } from "../statements/disclosure.js";
import { VERSION } from "../statements/types.js";
import { randomBytes } from "./key.js";
import { submissionOf } from "./submission.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("./submission.js").Submission} Submission
 * @typedef {{genesis: string, at: bigint}} Where `at`: POSIX seconds
 */

const NONCE = 16, SALT = 16;

/** @param {string} name @param {JsonObject} value */
function disclosure(name, value) {
  return formatB64u(encode([formatB64u(randomBytes(SALT)), name, value]));
}

/** @param {string} type @param {Where} where @param {{[name: string]: Json}} members @param {{[name: string]: JsonObject}} [sections] @returns {Submission} */
function statement(type, { genesis, at }, members, sections = {}) {
  const written = Object.entries(sections).map(([name, value]) => /** @type {const} */ ([name, disclosure(name, value)]));
  const digests = written.length ? object(Object.fromEntries(written.map(([name, text]) => [name, digestOf(text)]))) : undefined;
  const common = { kembar: VERSION, type, at: formatInstant(at), nonce: formatB64u(randomBytes(NONCE)), registry: genesis, sections: digests };
  return submissionOf(object({ ...common, ...members }), written.map(([, text]) => text));
}

/** Somebody enrols, with one key and one recovery key. @param {Where} where @param {{name: string, isPublic: boolean, role: string, key: string, recovery: string}} who */
export function partyStatement(where, { name, isPublic, role, key, recovery }) {
  const called = { name: name.normalize("NFC") };
  return statement("party", where, { roles: [role], keys: [key], recovery: recoveryOf(recovery) }, { name: object(isPublic ? { ...called, public: true } : called), person: object(called) });
}

/** The full new keys of a party, by her recovery key. @param {Where} where @param {{party: string, key: string, recovery: string}} who */
export function recoveringStatement(where, { party, key, recovery }) {
  return statement("key", where, { parties: object({ author: party }), keys: [key], recovery: recoveryOf(recovery) });
}

/** A key in the place of another, by the other's own word. @param {Where} where @param {{party: string, add: string, retire: string}} who */
export function changingStatement(where, { party, add, retire }) {
  return statement("key", where, { parties: object({ author: party }), add: [add], retire: [retire] });
}

/** @param {string} key */
const recoveryOf = (key) => object({ keys: [key], threshold: 1 });

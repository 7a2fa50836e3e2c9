/**
 * Copies under passkeys (protocol, section 8.5): the seed lies at the registry in a box whose key only the passkey gives,
 * by WebAuthn's PRF, once the device has verified its user. Where it lies only the passkey knows.
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as sha256Of } from "@noble/hashes/sha2.js";

import { formatB64, formatB64u, parseB64, parseB64u } from "../base/base64.js";
import { concat, encodeUtf8, parseHex, toHex } from "../base/bytes.js";
import { encode, object, parse } from "../base/canonical.js";
import { sha256 } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";
import { choice, hex64, record, text } from "../statements/readers.js";
import { randomBytes } from "./key.js";
import { checkedKey, lock, unlock } from "./key_file.js";

/** @typedef {import("./key.js").OpenKey} OpenKey */

const FORMAT = "kembar-copy/1";
const MAX_BLOB = 4096;
/** Of every passkey of this page the same: whose it is tells them apart. */
const SALT = encodeUtf8("kembar/wrap/1");
const ALGORITHMS = [-8, -7, -257]; // EdDSA, ES256, RS256 (COSE): nothing is judged by its signatures

/** The person closed the question, or no passkey of this page is here. */
export class NoPasskey extends Error {}
/** This passkey or this browser gives no key (no PRF). */
export class NoWrappingKey extends Error {}

/** Whether this browser has passkeys at all. */
export const hasPasskeys = () => typeof PublicKeyCredential === "function" && location.hostname !== "" && !/^[\d.]+$|:/.test(location.hostname);

/** Where a copy lies, by its passkey's user handle (32 bytes). @param {Uint8Array} handle */
export function lockerOf(handle) {
  return toHex(sha256(concat(encodeUtf8("kembar/locker\n"), handle)));
}

/** @param {Uint8Array} prf 32 bytes that the passkey gives @param {string} genesis @param {string} publicKey */
function wrappingKey(prf, genesis, publicKey) {
  return hkdf(sha256Of, prf, undefined, concat(parseHex(genesis), parseHex(publicKey)), 32);
}

/** A copy as it lies at the registry. @param {OpenKey} key @param {Uint8Array} prf @param {string} genesis @returns {Uint8Array} */
export function formatCopy(key, prf, genesis) {
  const box = lock(wrappingKey(prf, genesis, key.public), key.seed);
  return encode(object({ box: formatB64(box), format: FORMAT, genesis, public: key.public }));
}

const members = record({ box: (value) => parseB64(text(value)), format: choice(FORMAT), genesis: hex64, public: hex64 }, {});

/** Throws {@link Malformed}. @param {Uint8Array} blob @param {Uint8Array} prf @param {string} genesis @returns {OpenKey} */
export function openCopy(blob, prf, genesis) {
  const copy = members(parse(blob, MAX_BLOB));
  if (copy.genesis !== genesis) throw new Malformed("a copy for another log", "genesis");
  const seed = unlock(wrappingKey(prf, genesis, copy.public), copy.box);
  if (seed === null) throw new Malformed("the box does not open", "box");
  return checkedKey(seed, copy.public);
}

/** @template T @param {Promise<T>} asked @returns {Promise<T>} */
async function answered(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DOMException) throw new NoPasskey(error.name);
    throw error;
  }
}

/** @param {any} credential @returns {Uint8Array | null} */
function prfOf(credential) {
  const first = credential?.getClientExtensionResults().prf?.results?.first;
  return first ? new Uint8Array(first) : null;
}

/**
 * A new passkey, and what it gives. Some give it at once, others only when they are asked after.
 * @param {string} name that the device shows @param {readonly string[]} known ids (base64url) of those that hold this key already
 * @returns {Promise<{credential: string, locker: string, prf: Uint8Array}>}
 */
export async function makePasskey(name, known) {
  const handle = randomBytes(32);
  const made = /** @type {any} */ (await answered(navigator.credentials.create({ publicKey: /** @type {any} */ ({
    challenge: randomBytes(32), rp: { id: location.hostname, name: "Kembar" }, user: { id: handle, name, displayName: name },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    excludeCredentials: known.map((id) => ({ type: "public-key", id: parseB64u(id) })),
    extensions: { prf: { eval: { first: SALT } } },
  }) })));
  if (made?.getClientExtensionResults().prf?.enabled === false) throw new NoWrappingKey("no PRF");
  const prf = prfOf(made) ?? (await askPasskey([formatB64u(new Uint8Array(made.rawId))])).prf;
  return { credential: formatB64u(new Uint8Array(made.rawId)), locker: lockerOf(handle), prf };
}

/**
 * Asks for a passkey of this page; which, the person chooses on her device.
 * @param {readonly string[]} [only] ids of those that are meant
 * @returns {Promise<{credential: string, locker: string, prf: Uint8Array}>} `locker` is empty where the device does not say whose it is
 */
export async function askPasskey(only = []) {
  const got = /** @type {any} */ (await answered(navigator.credentials.get({ publicKey: /** @type {any} */ ({
    challenge: randomBytes(32), rpId: location.hostname, userVerification: "required",
    allowCredentials: only.map((id) => ({ type: "public-key", id: parseB64u(id) })),
    extensions: { prf: { eval: { first: SALT } } },
  }) })));
  const prf = prfOf(got), handle = got?.response.userHandle;
  if (prf === null) throw new NoWrappingKey("no PRF");
  return { credential: formatB64u(new Uint8Array(got.rawId)), locker: handle ? lockerOf(new Uint8Array(handle)) : "", prf };
}

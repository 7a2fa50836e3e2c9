/**
 * A key that a passphrase locks: the file of `registry keygen`, so that either opens the other's (docs/protocol.md does not
 * speak of it). The seed lies in a secretbox (XSalsa20-Poly1305) under argon2id of the passphrase; the file states its cost.
 */

import { secretbox } from "@noble/ciphers/salsa.js";

import { formatB64, parseB64 } from "../base/base64.js";
import { concat, decodeUtf8, encodeUtf8 } from "../base/bytes.js";
import { encode, object, parse } from "../base/canonical.js";
import { Malformed } from "../base/errors.js";
import { choice, hex64, integer, record, b64Of, text } from "../statements/readers.js";
import { OpenKey, randomBytes } from "./key.js";

/**
 * @typedef {{passphrase: string, salt: Uint8Array, passes: number, memory: number}} Derivation `memory` in bytes
 * @typedef {(asked: Derivation) => Promise<Uint8Array>} Derive argon2id, one lane, 32 bytes (RFC 9106)
 * @typedef {{public: string, box: Uint8Array, salt: Uint8Array, passes: number, memory: number}} LockedKey
 */

const FORMAT = "kembar-key/1";
const NONCE = 24, SALT = 16, MAX_FILE = 4096;
const MEBIBYTE = 1024 * 1024;
/** What a guess costs whoever finds a file: some seconds on a phone. */
const PASSES = 3, MEMORY = 64 * MEBIBYTE;
/** A phone may not have more for a page. */
export const MAX_MEMORY = 128 * MEBIBYTE;
export const MIN_PASSPHRASE = 12;
const MAX_PASSPHRASE = 1024;

/** The passphrase is not the one, or the file was changed. */
export class Locked extends Error {}
/** The file asks for more memory than a page may have. */
export class TooCostly extends Error {}

/** @param {Uint8Array} key 32 bytes @param {Uint8Array} secret @returns {Uint8Array} a fresh nonce, then the box */
export function lock(key, secret) {
  const nonce = randomBytes(NONCE);
  return concat(nonce, secretbox(key, nonce).seal(secret));
}

/** What {@link lock} was given; null if the key is not the one, or a bit has changed. @param {Uint8Array} key @param {Uint8Array} locked */
export function unlock(key, locked) {
  try {
    return secretbox(key, locked.subarray(0, NONCE)).open(locked.subarray(NONCE));
  } catch {
    return null;
  }
}

const kdfMembers = record({ memory: integer(8 * 1024, 1024 * MEBIBYTE), name: choice("argon2id"), passes: integer(1, 16), salt: b64Of(SALT) }, {});
const fileMembers = record({ box: (value) => parseB64(text(value)), format: choice(FORMAT), kdf: kdfMembers, public: hex64 }, {});

/** @param {string} written @returns {LockedKey} */
export function parseKeyFile(written) {
  const { box, kdf, public: key } = fileMembers(parse(encodeUtf8(written.replace(/\n$/, "")), MAX_FILE));
  return { public: key, box, salt: kdf.salt, passes: Number(kdf.passes), memory: Number(kdf.memory) };
}

/** The text of a key file. @param {OpenKey} key @param {string} passphrase @param {Derive} derive @returns {Promise<string>} */
export async function formatKeyFile(key, passphrase, derive) {
  const salt = randomBytes(SALT);
  const box = lock(await derive({ passphrase, salt, passes: PASSES, memory: MEMORY }), key.seed);
  const kdf = object({ memory: MEMORY, name: "argon2id", passes: PASSES, salt: formatB64(salt) });
  return `${decodeUtf8(encode(object({ box: formatB64(box), format: FORMAT, kdf, public: key.public })))}\n`;
}

/** Throws {@link Locked} and {@link TooCostly}. @param {LockedKey} file @param {string} passphrase @param {Derive} derive @returns {Promise<OpenKey>} */
export async function openKeyFile(file, passphrase, derive) {
  if (file.memory > MAX_MEMORY) throw new TooCostly("more memory than a page may have");
  if (encodeUtf8(passphrase).length > MAX_PASSPHRASE) throw new Locked("too long");
  const seed = unlock(await derive({ passphrase, salt: file.salt, passes: file.passes, memory: file.memory }), file.box);
  if (seed === null) throw new Locked("another passphrase");
  return checkedKey(seed, file.public);
}

/** The key of an opened seed, which must be the one that the copy names. @param {Uint8Array} seed @param {string} publicKey */
export function checkedKey(seed, publicKey) {
  const key = new OpenKey(seed);
  if (key.public !== publicKey) {
    key.forget();
    throw new Malformed("the seed is not that of the public key beside it");
  }
  return key;
}

/** Signed notes and their keys (C2SP signed-note): a text, an empty line, and lines of one signature each. */

import { parseB64 } from "../base/base64.js";
import { concat, decodeUtf8, encodeUtf8, parseHex, sameBytes, toHex } from "../base/bytes.js";
import { sha256, verify } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";

export const ED25519 = 1;
export const COSIGNATURE_V1 = 4;
const MAX_NOTE_SIZE = 131_072;
const MAX_SIGNATURES = 100;
const KEY_ID_SIZE = 4;
const PREFIX = "— ";
const CONTROL = /[\x00-\x09\x0b-\x1f]/;
const NOT_IN_NAMES = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;

/**
 * A public key with its name; `id` is name and key id in one text, which says which key made a line.
 * @typedef {{name: string, algorithm: number, key: Uint8Array, id: string}} Verifier
 * @typedef {{name: string, id: string, signature: Uint8Array}} NoteSignature
 * @typedef {{text: string, signatures: readonly NoteSignature[]}} Note
 */

/** @param {string} text */
export function isName(text) {
  return text !== "" && !NOT_IN_NAMES.test(text) && !CONTROL.test(text);
}

/** @param {string} name @param {Uint8Array} keyId */
function idOf(name, keyId) {
  return `${name} ${toHex(keyId)}`; // a name has no blank
}

/**
 * A public key from `name+id+base64`.
 * @param {string} text
 * @returns {Verifier}
 */
export function parseVkey(text) {
  const first = text.indexOf("+"), second = text.indexOf("+", first + 1);
  const name = text.slice(0, Math.max(first, 0));
  if (first < 0 || second < 0 || !isName(name)) throw new Malformed("a key is written name+id+base64");
  const material = parseB64(text.slice(second + 1));
  const algorithm = material[0] ?? 0;
  if (algorithm !== ED25519 && algorithm !== COSIGNATURE_V1) throw new Malformed("an algorithm that is not known");
  if (material.length !== 33) throw new Malformed("an Ed25519 key has 32 bytes");
  const keyId = sha256(concat(encodeUtf8(name + "\n"), material)).slice(0, KEY_ID_SIZE);
  if (!sameBytes(parseHex(text.slice(first + 1, second), KEY_ID_SIZE), keyId)) {
    throw new Malformed("the key's id is not that of this key under this name");
  }
  return { name, algorithm, key: material.slice(1), id: idOf(name, keyId) };
}

/**
 * Take a note apart; lines that repeat another one are dropped. Nothing is verified.
 * @param {string} text
 * @returns {Note}
 */
export function parseNote(text) {
  const data = encodeUtf8(text);
  if (data.length > MAX_NOTE_SIZE) throw new Malformed(`a note has at most ${MAX_NOTE_SIZE} bytes`);
  if (decodeUtf8(data) !== text) throw new Malformed("a note is UTF-8"); // a lone surrogate
  if (CONTROL.test(text)) throw new Malformed("a control character in a note");
  const end = text.lastIndexOf("\n\n");
  const tail = text.slice(end + 2);
  if (end < 0 || !tail.endsWith("\n")) throw new Malformed("a note is a text, an empty line, and signature lines");
  const lines = tail.slice(0, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw new Malformed(`a note has at most ${MAX_SIGNATURES} signature lines`);
  /** @type {Map<string, NoteSignature>} */
  const signatures = new Map();
  lines.forEach((line, number) => {
    const read = parseSignature(line, number);
    const spelling = `${read.id} ${toHex(read.signature)}`;
    if (!signatures.has(spelling)) signatures.set(spelling, read);
  });
  return { text: text.slice(0, end + 1), signatures: [...signatures.values()] };
}

/**
 * @param {string} line
 * @param {number} number
 * @returns {NoteSignature}
 */
function parseSignature(line, number) {
  const rest = line.startsWith(PREFIX) ? line.slice(PREFIX.length) : "";
  const blank = rest.indexOf(" ");
  const name = rest.slice(0, Math.max(blank, 0));
  if (blank < 0 || !isName(name)) throw new Malformed("a signature line is a dash, a name and base64", `signatures[${number}]`);
  const raw = parseB64(rest.slice(blank + 1));
  if (raw.length <= KEY_ID_SIZE) throw new Malformed("no signature after the key id", `signatures[${number}]`);
  return { name, id: idOf(name, raw.slice(0, KEY_ID_SIZE)), signature: raw.slice(KEY_ID_SIZE) };
}

/**
 * Whether a plain Ed25519 signature over a note's text is good.
 * @param {Verifier} verifier
 * @param {string} text
 * @param {Uint8Array} signature
 */
export function verifyEd25519(verifier, text, signature) {
  return verifier.algorithm === ED25519 && verify(verifier.key, encodeUtf8(text), signature);
}

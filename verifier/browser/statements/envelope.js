/** Envelopes: DSSE v1 in canonical JSON, the leaves of the log (protocol, section 3.1). */

import { parseB64 } from "../base/base64.js";
import { concat, encodeUtf8, parseHex } from "../base/bytes.js";
import { encode } from "../base/canonical.js";
import { verify } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";
import { arrayOf, b64Of, choice, hex64, record, text } from "./readers.js";
import { MAX_LEAF } from "./types.js";

export const PAYLOAD_TYPE = "application/vnd.kembar.statement+json";
const MAX_SIGNATURES = 24;

/**
 * `leaf` and `payload` are bytes; signatures rise by keyid (hex).
 * @typedef {{leaf: Uint8Array, payload: Uint8Array, signatures: {keyid: string, sig: Uint8Array}[]}} Envelope
 */

const read = record({
  payload: (value) => parseB64(text(value)),
  payloadType: choice(PAYLOAD_TYPE),
  signatures: arrayOf(record({ keyid: hex64, sig: b64Of(64) }, {}), 1, MAX_SIGNATURES),
}, {});

/**
 * The envelope in a larger canonical JSON text; its leaf is its canonical encoding.
 * @param {import("../base/canonical.js").Json} value
 * @returns {Envelope}
 */
export function envelopeFromJson(value) {
  const leaf = encode(value);
  if (leaf.length > MAX_LEAF) throw new Malformed(`${leaf.length} bytes, at most ${MAX_LEAF} are allowed`);
  const { payload, signatures } = read(value);
  for (let i = 1; i < signatures.length; i++) {
    if (/** @type {string} */ (signatures[i - 1]?.keyid) >= /** @type {string} */ (signatures[i]?.keyid)) {
      throw new Malformed("signatures must rise strictly by keyid", `signatures[${i}]`);
    }
  }
  return { leaf, payload, signatures };
}

/**
 * What is signed: DSSE's pre-authentication encoding.
 * @param {Uint8Array} payload
 */
export function pae(payload) {
  return concat(encodeUtf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload);
}

/**
 * The place of the first signature that does not verify, or -1.
 * @param {Envelope} envelope
 */
export function badSignature(envelope) {
  const message = pae(envelope.payload);
  return envelope.signatures.findIndex(({ keyid, sig }) => !verify(parseHex(keyid), message, sig));
}

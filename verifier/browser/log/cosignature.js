/** Cosignatures (C2SP tlog-cosignature, v1): a witness says that at this time the log had grown to this checkpoint. */

import { encodeUtf8, readBigEndian } from "../base/bytes.js";
import { verify } from "../base/crypto.js";
import { MAX_INSTANT } from "../base/instant.js";
import { COSIGNATURE_V1 } from "./note.js";

const TIME_SIZE = 8;

/**
 * When the cosignature was made, or null if it does not verify. A time past the year 9999 does not verify.
 * @param {import("./note.js").Verifier} verifier
 * @param {string} text the checkpoint's
 * @param {Uint8Array} signature
 * @returns {bigint | null}
 */
export function verifyCosignature(verifier, text, signature) {
  if (verifier.algorithm !== COSIGNATURE_V1 || signature.length !== TIME_SIZE + 64) return null;
  const time = readBigEndian(signature.subarray(0, TIME_SIZE));
  if (time > MAX_INSTANT) return null;
  const message = encodeUtf8(`cosignature/v1\ntime ${time}\n${text}`);
  return verify(verifier.key, message, signature.subarray(TIME_SIZE)) ? time : null;
}

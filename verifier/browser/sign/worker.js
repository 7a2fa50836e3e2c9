/** The slow work beside the page: argon2id, so that the page never stands still. */

import { argon2id } from "@noble/hashes/argon2.js";

import { encodeUtf8 } from "../base/bytes.js";

const KIBIBYTE = 1024;

/** Answers one question, and is ended by the page. */
export function startWorker() {
  const here = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
  here.addEventListener("message", (/** @type {MessageEvent<import("./key_file.js").Derivation>} */ { data: { passphrase, salt, passes, memory } }) => {
    try {
      here.postMessage({ key: argon2id(encodeUtf8(passphrase), salt, { t: passes, m: memory / KIBIBYTE, p: 1, dkLen: 32 }) });
    } catch (error) {
      here.postMessage({ failed: String(error) });
    }
  });
}

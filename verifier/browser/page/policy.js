/** Under whose policy this page checks: the one in its data block, until a person takes another, and not beyond a reload. */

import { parseB64 } from "../base/base64.js";
import { toHex } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";
import { MAX_POLICY_SIZE, parsePolicy } from "../log/trust.js";

/**
 * @typedef {{data: Uint8Array, policy: import("../log/trust.js").Policy, sha256: string, name: string | null}} Pinned
 *   `name` is that of the file it was dropped as; null: it is the page's own
 */

/** @param {Uint8Array} data @param {string | null} name @returns {Pinned} */
export function readPolicy(data, name) {
  return { data, policy: parsePolicy(data), sha256: toHex(sha256(data)), name };
}

/** What the page was made with; null if with none. Throws {@link Malformed}. @returns {Pinned | null} */
export function pinnedPolicy() {
  const text = (document.getElementById("policy")?.textContent ?? "").trim();
  return text ? readPolicy(parseB64(text), null) : null;
}

/** A policy, if that is what a file is; else null. @param {File} file @returns {Promise<Pinned | null>} */
export async function policyIn(file) {
  if (file.size > MAX_POLICY_SIZE) return null;
  try {
    return readPolicy(new Uint8Array(await file.arrayBuffer()), file.name);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** The first 16 digits, in fours: what people compare. @param {string} sha256 hex */
export function fingerprint(sha256) {
  return (sha256.slice(0, 16).match(/.{4}/g) ?? []).join(" ");
}

/** Signing requests (RFC 9421) as a registry takes them (protocol, section 8.1), with a key that is open. */

import { formatB64 } from "../base/base64.js";
import { encodeUtf8, toHex } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { httpInstant, now } from "../page/clock.js";
import { randomBytes } from "./key.js";

/** @typedef {import("./key.js").OpenKey} OpenKey */

const TAG = "kembar";
const VALID = 60n; // seconds for which a signature is good
const FEW = 2n; // seconds that two clocks may differ without being called different

/**
 * The header fields that sign a request.
 * @param {OpenKey} key @param {string} method @param {URL} url @param {Uint8Array | null} body @param {{created: bigint, nonce?: string}} when `created` in POSIX seconds
 * @returns {Record<string, string>}
 */
export function signedFields(key, method, url, body, { created, nonce = toHex(randomBytes(16)) }) {
  const covered = [["@method", method], ["@authority", url.host], ["@path", url.pathname], ["@query", url.search || "?"]];
  /** @type {Record<string, string>} */
  const fields = {};
  if (body?.length) {
    fields["Content-Digest"] = `sha-256=:${formatB64(sha256(body))}:`;
    covered.push(["content-digest", fields["Content-Digest"]]);
  }
  const names = covered.map(([name]) => `"${name}"`).join(" ");
  const parameters = `(${names});created=${created};expires=${created + VALID};nonce="${nonce}";keyid="${key.public}";alg="ed25519";tag="${TAG}"`;
  const base = covered.map(([name, value]) => `"${name}": ${value}\n`).join("") + `"@signature-params": ${parameters}`;
  fields["Signature-Input"] = `${TAG}=${parameters}`;
  fields.Signature = `${TAG}=:${formatB64(key.sign(encodeUtf8(base)))}:`;
  return fields;
}

/** One registry, asked with one key. The registry's clock counts: where this device's differs, it is corrected once. */
export class SignedClient {
  /** @param {OpenKey} key @param {string} registry its origin */
  constructor(key, registry) {
    this.key = key;
    this.registry = registry;
    this.offset = 0n;
  }

  /** POSIX seconds, by the registry's clock as far as it is known. */
  now() {
    return now() + this.offset;
  }

  /** @param {string} method @param {string} path with its query @param {Uint8Array | null} body of JSON @returns {Promise<Response>} */
  async send(method, path, body) {
    const answer = await this.once(method, path, body);
    if (answer.status !== 401 || !(await this.correct(answer.headers.get("Date")))) return answer;
    return this.once(method, path, body);
  }

  /** @param {string} method @param {string} path @param {Uint8Array | null} body */
  once(method, path, body) {
    const url = new URL(path, this.registry);
    const headers = { ...signedFields(this.key, method, url, body, { created: this.now() }), ...(body ? { "Content-Type": "application/json" } : {}) };
    return fetch(url, { method, headers, body: /** @type {BodyInit | null} */ (body), credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" });
  }

  /** Where the clocks agree, a second is waited: a registry that has just begun takes nothing of its first one. @param {string | null} date */
  async correct(date) {
    const theirs = httpInstant(date);
    if (theirs === null) return false;
    const ahead = theirs - this.now();
    if (ahead > FEW || ahead < -FEW) this.offset += ahead;
    else await new Promise((resolve) => setTimeout(resolve, 1000));
    return true;
  }
}

/** Copies under passkeys, as they are left at a registry and got back (protocol, section 8.5). */

import { formatB64, parseB64 } from "../base/base64.js";
import { encode, object } from "../base/canonical.js";
import { Malformed } from "../base/errors.js";
import { formatInstant } from "../base/instant.js";
import { now } from "../page/clock.js";
import { SignedClient } from "./http_signing.js";
import { askPasskey, formatCopy, makePasskey, openCopy } from "./passkey.js";
import { memberOf, read } from "./send.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {import("./act.js").Place} Place
 * @typedef {import("./key.js").OpenKey} OpenKey
 * @typedef {import("./store.js").PasskeyCopy} PasskeyCopy
 * @typedef {import("./store.js").KeptKey} KeptKey
 */

/** Open the copy of whichever passkey the person chooses. @param {Page} page @param {Place} act @returns {Promise<{key: OpenKey, copy: PasskeyCopy}>} */
export async function openByPasskey(page, act) {
  const { credential, locker, prf } = await askPasskey();
  if (!locker) throw new Malformed("the passkey does not say whose it is", "userHandle");
  const url = new URL(`/lockers/${locker}`, act.registry);
  const blob = memberOf(await read(await fetch(url, { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" }), page), "blob");
  if (typeof blob !== "string") throw new Malformed("the locker holds no copy", "blob");
  const key = openCopy(parseB64(blob), prf, act.genesis);
  prf.fill(0);
  return { key, copy: { credential, locker, made: formatInstant(now()) } };
}

/** Make a passkey, and leave a copy of the key under it. @param {Page} page @param {Place} act @param {OpenKey} key @param {{name: string, known: readonly string[], invitation?: string}} about @returns {Promise<PasskeyCopy>} */
export async function copyUnderPasskey(page, act, key, { name, known, invitation }) {
  const { credential, locker, prf } = await makePasskey(name, known);
  const body = encode(object({ blob: formatB64(formatCopy(key, prf, act.genesis)), invitation }));
  prf.fill(0);
  const path = `/lockers/${locker}`;
  const answer = invitation === undefined ? await new SignedClient(key, act.registry).send("PUT", path, body) : await unsigned("PUT", act.registry, path, body);
  await read(answer, page);
  return { credential, locker, made: formatInstant(now()) };
}

/** What this device knows of a key, and which copies under passkeys the registry holds of it, wherever they were made. @param {Page} page @param {Place} act @param {OpenKey} key @param {KeptKey} kept @returns {Promise<KeptKey>} */
export async function withLockers(page, act, key, kept) {
  const answer = await new SignedClient(key, act.registry).send("GET", "/lockers", null);
  if (!answer.ok) return kept; // before the registrar has signed, the registry knows no such key
  const listed = memberOf(await read(answer, page), "lockers");
  const passkeys = Array.isArray(listed) ? listed.map((one) => {
    const [locker, made] = [String(memberOf(one, "id")), String(memberOf(one, "at"))];
    return kept.passkeys.find((known) => known.locker === locker) ?? { credential: "", locker, made };
  }) : kept.passkeys;
  return { ...kept, passkeys };
}

/** @param {Page} page @param {Place} act @param {OpenKey} key @param {string} locker */
export async function emptyLocker(page, act, key, locker) {
  await read(await new SignedClient(key, act.registry).send("DELETE", `/lockers/${locker}`, null), page);
}

/** A request of somebody who has no key yet. @param {string} method @param {string} registry @param {string} path @param {Uint8Array} body of JSON */
export function unsigned(method, registry, path, body) {
  return fetch(new URL(path, registry), {
    method, headers: { "Content-Type": "application/json" }, body: /** @type {BodyInit} */ (body), credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer",
  });
}

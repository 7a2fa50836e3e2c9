/** Is a file registered? Asked without saying which file is meant (protocol, section 6.1). */

import { parse } from "../base/canonical.js";
import { openAnswer } from "../evidence/index_answer.js";
import { FEW, findIn, prefixOf } from "../index/prefixes.js";
import { subjectKey } from "../index/proofs.js";
import { parsePolicy } from "../log/trust.js";

/** @typedef {(path: string) => Promise<Uint8Array>} Get what stands at an address below the registry's */

const MAX_SAID = 4096;

/** It could not be asked, or not without saying too much. */
export class NotAsked extends Error {}

/**
 * @param {Get} get
 * @param {{index: string, policy: string}} places the addresses of the two calls
 * @param {string} digest SHA-256 in hex
 * @returns {Promise<boolean>} whether some statement names the file
 */
export async function isRegistered(get, places, digest) {
  const policy = parsePolicy(await get(places.policy));
  const said = parse(await get(places.index), MAX_SAID);
  const bits = said instanceof Map ? said.get("bits") : undefined;
  if (typeof bits !== "number" || bits < 0 || bits > 64) throw new NotAsked("this registry cannot be asked for a part of its index");
  /** @param {Uint8Array} key */
  const part = async (key) => {
    const prefix = prefixOf(key, bits);
    return openAnswer(await get(`${places.index}?bits=${bits}&prefix=${prefix}`), policy, bits, prefix);
  };
  const drawn = await part(crypto.getRandomValues(new Uint8Array(32)));
  if (bits && drawn.part.entries.length < FEW) throw new NotAsked("a part of the index is too small to hide in");
  const subject = `asset:${digest}`;
  const answer = await part(subjectKey(subject));
  const found = findIn(answer.root, subject, answer.part);
  if (found === null) throw new NotAsked("the part does not say");
  return found === "present";
}

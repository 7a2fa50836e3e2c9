/** Whether a key is live for a party, in a log whose checkpoint this page has checked under its own policy (protocol, 7.2). */

import { Malformed } from "../base/errors.js";
import { Invalid } from "../evidence/file.js";
import { openEvidence } from "../evidence/open.js";
import { now } from "../page/clock.js";
import { Context } from "../rules/model/context.js";
import { keyState } from "../rules/standing/keys.js";
import { SignedClient } from "./http_signing.js";
import { read } from "./send.js";
import { NotSent } from "./trouble.js";

const TOO_LARGE = 413;
/** Acts of whose party the record is too large to be shown whole: said once, and she decides. @type {WeakSet<import("./act.js").Act>} */
const told = new WeakSet();

/** Throws {@link NotSent} where the log does not know the key so. Without a policy nothing is asked. @param {import("./page.js").Page} page @param {import("./key.js").OpenKey} key @param {string | undefined} party */
export async function checkLive(page, key, party) {
  const { policy, act, words } = page;
  if (policy === null || act === null || party === undefined || told.has(act)) return;
  const answer = await new SignedClient(key, act.registry).send("GET", `/evidence/party/${party}?sections=name`, null);
  if (answer.status === TOO_LARGE) {
    told.add(act);
    throw new NotSent(words.say("signing.record_too_large"), "evidence_too_large");
  }
  if (!answer.ok) await read(answer, page);
  const state = stateIn(new Uint8Array(await answer.arrayBuffer()), policy.policy, party, act.genesis);
  if (state === null) throw new NotSent(words.say("signing.not_proved"), "not_proved");
  if (!state.live.has(key.public)) throw new NotSent(words.say(state.retired.has(key.public) ? "signing.retired" : "signing.not_live"), "not_live");
}

/** @param {Uint8Array} data @param {import("../log/trust.js").Policy} policy @param {string} party @param {string} genesis */
function stateIn(data, policy, party, genesis) {
  try {
    const { record, question, asOf } = openEvidence(data, policy, () => {});
    if (question.kind !== "party" || question.id !== party || record.genesis !== genesis) return null;
    const state = keyState(new Context(record, { instant: now(), asOf, stale: false }), party, Infinity);
    return state.unknown ? null : state;
  } catch (error) {
    if (error instanceof Invalid || error instanceof Malformed) return null;
    throw error;
  }
}

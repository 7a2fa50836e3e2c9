/** Steps, sent one after another with a key that is open; what a registry answers, in words that it gives with its problem. */

import { formatB64 } from "../base/base64.js";
import { encode, object, parse } from "../base/canonical.js";
import { Malformed } from "../base/errors.js";
import { printable } from "../base/printable.js";
import { capital } from "../words/catalogue.js";
import { SignedClient } from "./http_signing.js";
import { submissionJson } from "./submission.js";
import { NotSent } from "./trouble.js";

/**
 * @typedef {import("./act.js").ActStep} ActStep
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("./submission.js").Submission} Submission
 * @typedef {{status: "logged" | "waiting" | "done", index?: number, answer?: unknown}} Outcome `answer`: the last one, if it is short
 */

const MAX_ANSWER = 4 * 1024 * 1024;
const MAX_SAID = 600;
const SHORT = 2048;

/** @param {import("./page.js").Page} page @param {import("./key.js").OpenKey} key @param {readonly ActStep[]} steps @param {Submission | null} signed @returns {Promise<Outcome>} */
export async function sendSteps(page, key, steps, signed) {
  const client = new SignedClient(key, /** @type {import("./act.js").Act} */ (page.act).registry);
  /** @type {Outcome} */
  let outcome = { status: "done" };
  /** @type {Json | null} */
  let last = null;
  for (const step of steps) {
    const body = bodyOf(step, key, signed);
    const answer = await read(await client.send(step.method, step.path, body === null ? null : encode(body)), page);
    outcome = outcomeOf(step, answer) ?? outcome;
    last = answer;
  }
  return last !== null && encode(last).length <= SHORT ? { ...outcome, answer: plain(last) } : outcome;
}

/** As the registry's page reads it. @param {Json} value @returns {unknown} */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map ? Object.fromEntries([...value].map(([name, one]) => [name, plain(one)])) : value;
}

/** @param {ActStep} step @param {import("./key.js").OpenKey} key @param {Submission | null} signed @returns {Json | null} */
function bodyOf({ carries, body }, key, signed) {
  if (signed !== null && carries === "signature") {
    const own = signed.signatures.find(({ keyid }) => keyid === key.public);
    return own ? object({ keyid: own.keyid, sig: formatB64(own.sig) }) : null;
  }
  if (signed !== null && carries === "signed") {
    const whole = submissionJson(signed);
    return body instanceof Map ? new Map([...body, ["submission", whole]]) : whole;
  }
  return body ?? null;
}

/** A member of an answer, if it is an object that has it. @param {Json | null} value @param {string} name @returns {Json | undefined} */
export const memberOf = (value, name) => (value instanceof Map ? value.get(name) : undefined);

/** The canonical JSON of an answer, null of another; {@link NotSent} where it is a problem. @param {Response} answer @param {import("./page.js").Page} page @returns {Promise<Json | null>} */
export async function read(answer, page) {
  const value = parsed(new Uint8Array(await answer.arrayBuffer())), first = Array.isArray(value) ? value[0] ?? null : value;
  const problem = [memberOf(first, "problem") ?? null, first].find(isProblem);
  if (!answer.ok || problem !== undefined) throw refused(problem ?? null, answer.status, page);
  return value;
}

/** @param {Uint8Array} data @returns {Json | null} */
function parsed(data) {
  try {
    return parse(data, MAX_ANSWER);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

const PROBLEM = "urn:kembar:problem:";
/** @param {Json | null} value */
const isProblem = (value) => String(memberOf(value, "type")).startsWith(PROBLEM);

/** @param {string} text */
const sentence = (text) => `${capital(text)}${/[.!?]$/.test(text) ? "" : "."}`;

/** @param {Json | null} problem @param {number} status @param {import("./page.js").Page} page */
function refused(problem, status, { words }) {
  const code = isProblem(problem) ? String(memberOf(problem, "type")).slice(PROBLEM.length) : "unreadable";
  const own = (/** @type {string} */ id) => (words.has(id) ? words.say(id) : undefined); // what a registry says is English
  const all = [own(`problem.${code}`) ?? memberOf(problem, "title"), memberOf(problem, "detail"), own(`hint.${code}`) ?? memberOf(problem, "hint")];
  const said = all.filter((one) => typeof one === "string" && one).map((one) => sentence(String(one))).join(" ");
  return new NotSent(words.say("signing.refused", { why: printable(said).slice(0, MAX_SAID) || String(status) }), code);
}

/** @param {ActStep} step @param {Json | null} answer @returns {Outcome | null} */
function outcomeOf({ name }, answer) {
  const one = Array.isArray(answer) ? answer[0] ?? null : answer, index = memberOf(one, "index");
  const logged = { status: /** @type {const} */ ("logged"), ...(typeof index === "number" ? { index } : {}) };
  if (name === "log") return logged;
  if (name !== "desk_sign" && name !== "propose") return null;
  return memberOf(one, "state") === "logged" ? logged : { status: "waiting" };
}

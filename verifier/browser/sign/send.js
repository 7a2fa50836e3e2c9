/** Steps, sent one after another with a key that is open; what a registry answers, in words that it gives with its problem. */

import { formatB64 } from "../base/base64.js";
import { decodeUtf8 } from "../base/bytes.js";
import { encode, object } from "../base/canonical.js";
import { printable } from "../base/printable.js";
import { capital } from "../words/catalogue.js";
import { SignedClient } from "./http_signing.js";
import { submissionJson } from "./submission.js";
import { NotSent } from "./trouble.js";

/**
 * @typedef {import("./act.js").ActStep} ActStep
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("./submission.js").Submission} Submission
 * @typedef {{status: "logged" | "waiting" | "done", index?: number, answer?: unknown}} Outcome `answer`: the last one's, if it is short
 */

const MAX_ANSWER = 4 * 1024 * 1024;
const MAX_SAID = 600;
const SHORT = 2048;

/** @param {import("./page.js").Page} page @param {import("./key.js").OpenKey} key @param {readonly ActStep[]} steps @param {Submission | null} signed @returns {Promise<Outcome>} */
export async function sendSteps(page, key, steps, signed) {
  const client = new SignedClient(key, /** @type {import("./act.js").Act} */ (page.act).registry);
  /** @type {Outcome} */
  let outcome = { status: "done" };
  let last = null;
  for (const step of steps) {
    const body = bodyOf(step, key, signed);
    const answer = await read(await client.send(step.method, step.path, body === null ? null : encode(body)), page);
    outcome = outcomeOf(step, answer) ?? outcome;
    last = answer;
  }
  return last !== null && JSON.stringify(last).length <= SHORT ? { ...outcome, answer: last } : outcome;
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

/** The JSON of an answer; {@link NotSent} where it is a problem. @param {Response} answer @param {import("./page.js").Page} page @returns {Promise<any>} */
export async function read(answer, page) {
  const data = new Uint8Array(await answer.arrayBuffer());
  let value = null;
  try {
    value = data.length && data.length <= MAX_ANSWER ? JSON.parse(decodeUtf8(data)) : null;
  } catch {
    value = null;
  }
  const problem = Array.isArray(value) ? value.map((one) => one?.problem ?? one).find(isProblem) : isProblem(value) ? value : null;
  if (!answer.ok || problem) throw refused(problem ?? value, answer.status, page);
  return value;
}

/** @param {any} value */
const isProblem = (value) => typeof value?.type === "string" && value.type.startsWith("urn:kembar:problem:");

/** @param {string} text */
const sentence = (text) => `${capital(text)}${/[.!?]$/.test(text) ? "" : "."}`;

/** @param {any} problem @param {number} status @param {import("./page.js").Page} page */
function refused(problem, status, { words }) {
  const said = [problem?.title, problem?.detail, problem?.hint].filter((one) => typeof one === "string" && one).map(sentence).join(" ");
  const code = isProblem(problem) ? problem.type.slice("urn:kembar:problem:".length) : "unreadable";
  return new NotSent(words.say("signing.refused", { why: printable(said).slice(0, MAX_SAID) || String(status) }), code);
}

/** @param {ActStep} step @param {any} answer @returns {Outcome | null} */
function outcomeOf({ name }, answer) {
  const one = Array.isArray(answer) ? answer[0] : answer;
  if (name === "log") return { status: "logged", ...(Number.isInteger(one?.index) ? { index: one.index } : {}) };
  if (name !== "desk_sign" && name !== "propose") return null;
  return one?.state === "logged" ? { status: "logged", ...(Number.isInteger(one.index) ? { index: one.index } : {}) } : { status: "waiting" };
}

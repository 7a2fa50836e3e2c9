/** The work beside the page: a file is read, checked and answered here, so that the page never stands still. */

import { toHex } from "../base/bytes.js";
import { prepare, sha256, sha256InPieces } from "../base/crypto.js";
import { MAX_EVIDENCE } from "../evidence/file.js";
import { isPdf } from "../evidence/pdf.js";
import { checkWithDetails, tooLarge } from "../evidence/verdict.js";
import { parsePolicy } from "../log/trust.js";

/**
 * @typedef {Blob | Uint8Array} Readable a file, or what the page read of it
 * @typedef {{kind: "check", evidence: Readable, policy: Uint8Array, files: readonly string[], instant: bigint}} Check
 * @typedef {{kind: "digest", file: Readable}} Digest
 * @typedef {{done: number, total: number}} Progress bytes of a file to compare, signatures of evidence
 * @typedef {{verdict: import("../base/canonical.js").JsonObject, details: import("../evidence/details.js").Details | null, sha256: string, isPdf: boolean}} Checked
 * @typedef {{progress: Progress} | {checked: Checked} | {digest: string} | {failed: string}} Reply
 */

const BLOCK = 4 * 1024 * 1024;
const PAUSE = 100; // milliseconds between two words of progress

/** @param {Readable} part */
const bytesOf = async (part) => (part instanceof Blob ? new Uint8Array(await part.arrayBuffer()) : part);

/** @param {Readable} file @param {(progress: Progress) => void} tell @returns {Promise<string>} hex */
async function digestOf(file, tell) {
  const hash = sha256InPieces(), total = file instanceof Blob ? file.size : file.length;
  for (let at = 0; at < total; at += BLOCK) {
    hash.update(await bytesOf(file.slice(at, at + BLOCK)));
    tell({ done: Math.min(at + BLOCK, total), total });
  }
  return toHex(hash.digest());
}

/** @param {Check} asked @param {(progress: Progress) => void} tell @returns {Promise<Checked>} */
async function check({ evidence, policy, files, instant }, tell) {
  if (evidence instanceof Blob && evidence.size > MAX_EVIDENCE) return { verdict: tooLarge(evidence.size), details: null, sha256: await digestOf(evidence, tell), isPdf: false };
  const data = await bytesOf(evidence);
  const progress = (/** @type {number} */ done, /** @type {number} */ total) => tell({ done, total });
  return { ...checkWithDetails(data, parsePolicy(policy), { instant, files, byClock: true, progress }), sha256: toHex(sha256(data)), isPdf: isPdf(data) };
}

/** Answers one message after another, each with progress and then with what came of it. */
export function startWorker() {
  const here = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
  let last = 0;
  /** @type {unknown} */
  let fault = null;
  const reply = (/** @type {Reply} */ said) => here.postMessage(said);
  const tell = (/** @type {Progress} */ progress) => {
    const moment = performance.now();
    if (moment - last < PAUSE) return;
    last = moment;
    reply({ progress });
  };
  here.addEventListener("message", async (/** @type {MessageEvent<Check | Digest>} */ { data: asked }) => {
    try {
      if (fault !== null) throw fault;
      if (asked.kind === "check") reply({ checked: await check(asked, tell) });
      else reply({ digest: await digestOf(asked.file, tell) });
    } catch (error) {
      reply({ failed: String(error) });
    }
  });
  try {
    prepare(); // while the person still looks for a file
  } catch (error) {
    fault = error;
  }
}

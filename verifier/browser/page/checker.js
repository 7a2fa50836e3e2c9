/** The page's side of the worker: jobs one after another, progress of the one that runs, and an end to all of them. */

import { MAX_EVIDENCE } from "../evidence/file.js";
import { scriptUrl } from "./trusted.js";

/**
 * @typedef {import("./worker.js").Check | import("./worker.js").Digest} Job
 * @typedef {import("./worker.js").Checked} Checked
 * @typedef {import("./worker.js").Progress} Progress
 */

/** The work was ended: by the person, or by the device, which had not the memory for it. */
export class Ended extends Error {}

/**
 * Where the page is a file itself, WebKit keeps every file from its worker: so the page reads it, unless it is so large that
 * it has to be read in pieces. What cannot be read is the worker's to tell. @param {Blob} file
 */
const readable = (file) =>
  location.protocol === "file:" && file.size <= MAX_EVIDENCE ? file.arrayBuffer().then((bytes) => new Uint8Array(bytes), () => file) : file;

export class Checker {
  /** @param {string} script the text that runs in the worker: that of the page itself */
  constructor(script) {
    this.script = script;
    /** @type {Worker | null} there from the beginning, so that the first file does not wait for it */
    this.worker = this.start();
    /** @type {((why: string) => void) | null} */
    this.giveUp = null;
  }

  /** @param {import("./worker.js").Check & {evidence: Blob}} job @param {(progress: Progress) => void} tell @returns {Promise<Checked>} */
  async check(job, tell) {
    const said = await this.ask({ ...job, evidence: await readable(job.evidence) }, tell);
    if (!("checked" in said)) throw new Ended("no verdict");
    return said.checked;
  }

  /** @param {Blob} file @param {(progress: Progress) => void} tell @returns {Promise<string>} hex of SHA-256 */
  async digest(file, tell) {
    const said = await this.ask({ kind: "digest", file: await readable(file) }, tell);
    if (!("digest" in said)) throw new Ended("no digest");
    return said.digest;
  }

  /** One job at a time: whoever calls waits for the one before. @param {Job} job @param {(progress: Progress) => void} tell
   * @returns {Promise<import("./worker.js").Reply>} */
  ask(job, tell) {
    const worker = (this.worker ??= this.start());
    return new Promise((resolve, reject) => {
      this.giveUp = (why) => reject(new Ended(why));
      worker.onmessage = (/** @type {MessageEvent<import("./worker.js").Reply>} */ { data: said }) => {
        if ("progress" in said) tell(said.progress);
        else if ("failed" in said) this.stop(said.failed);
        else resolve(said);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        this.stop(event.message);
      };
      worker.postMessage(job);
    });
  }

  /** End what runs, whatever it is at. @param {string} [why] */
  stop(why = "stopped") {
    this.worker?.terminate();
    this.worker = null;
    this.giveUp?.(why);
    this.giveUp = null;
  }

  start() {
    const url = URL.createObjectURL(new Blob([this.script], { type: "text/javascript" }));
    const worker = new Worker(scriptUrl(url));
    URL.revokeObjectURL(url);
    return worker;
  }
}

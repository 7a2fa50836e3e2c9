/** What one visit to the page knows: the policy, the files that were handed in, and what came of each. */

import { Checker, Ended } from "./checker.js";
import { now } from "./clock.js";

/**
 * @typedef {import("./policy.js").Pinned} Pinned
 * @typedef {import("./worker.js").Progress} Progress
 * @typedef {import("./worker.js").Checked} Checked
 * @typedef {{file: File, state: "waiting" | "working" | "done" | "ended", progress: Progress | null, checked: Checked | null, why: string}} Item
 *   an evidence file; `why` it was ended, which says "stopped" where the person did it
 * @typedef {{file: File, state: "waiting" | "working" | "done" | "ended", progress: Progress | null, sha256: string, why: string}} Picture
 */

export class Session {
  /**
   * @param {string} script that the worker runs
   * @param {Pinned | null} pinned
   * @param {(what: "all" | "work" | "progress") => void} changed told after every change: by a person, of what is done, of how far it is
   */
  constructor(script, pinned, changed) {
    this.checker = new Checker(script);
    this.pinned = pinned;
    this.changed = changed;
    /** @type {Pinned | null} */
    this.policy = pinned;
    /** Policies that were dropped, and that nobody has taken yet. @type {Pinned | null} */
    this.offered = null;
    /** @type {Item[]} */
    this.items = [];
    /** @type {Picture[]} */
    this.pictures = [];
    this.isBusy = false;
    /** How often the question has changed: what was asked before that is no answer. */
    this.asked = 0;
  }

  /** @param {import("./intake.js").Given} given */
  take({ evidence, pictures, policies }) {
    const fresh = () => ({ state: /** @type {const} */ ("waiting"), progress: null, why: "" });
    this.items.push(...evidence.map((file) => ({ file, checked: null, ...fresh() })));
    this.pictures.push(...pictures.map((file) => ({ file, sha256: "", ...fresh() })));
    this.offered = policies.at(-1) ?? this.offered;
    if (pictures.length) this.again();
    this.changed("all");
    void this.work();
  }

  /** A policy, because a person said so. @param {Pinned | null} policy */
  use(policy) {
    this.policy = policy;
    this.offered = null;
    this.again();
    this.changed("all");
    void this.work();
  }

  /** What was answered has to be answered anew, and what is being answered is begun again: the question is another. */
  again() {
    this.asked++;
    if (this.items.some(({ state }) => state === "working")) this.checker.stop();
    for (const item of this.items) Object.assign(item, { checked: null, state: item.state === "working" ? "working" : "waiting" });
  }

  /** Check again what was ended. @param {Item} item */
  retry(item) {
    item.state = "waiting";
    this.changed("all");
    void this.work();
  }

  /** @param {Item | Picture} one */
  remove(one) {
    if (one.state === "working") this.checker.stop();
    this.items = this.items.filter((item) => item !== one);
    const pictures = this.pictures.filter((picture) => picture !== one);
    if (pictures.length !== this.pictures.length) this.again();
    this.pictures = pictures;
    this.changed("all");
    void this.work();
  }

  /** End everything that runs or waits. */
  stop() {
    for (const one of [...this.items, ...this.pictures]) if (one.state === "waiting") Object.assign(one, { state: "ended", why: "stopped" });
    this.checker.stop();
    this.changed("all");
  }

  /** Digests of files to compare. With many evidence files there are none: a picture is compared with one use. */
  compared() {
    return this.items.length === 1 ? this.pictures.flatMap(({ sha256 }) => sha256 || []) : [];
  }

  /** One after another, pictures first: what is compared is part of the question. */
  async work() {
    if (this.isBusy) return;
    this.isBusy = true;
    for (;;) {
      const picture = this.pictures.find(({ state }) => state === "waiting");
      const item = this.policy && this.items.find(({ state }) => state === "waiting");
      if (picture) await this.run(picture, async (tell) => { picture.sha256 = await this.checker.digest(picture.file, tell); });
      else if (item) await this.runItem(item);
      else break;
    }
    this.isBusy = false;
  }

  /** @param {Item} item @param {(progress: Progress) => void} tell */
  check(item, tell) {
    const policy = /** @type {Pinned} */ (this.policy).data;
    return this.checker.check({ kind: "check", evidence: item.file, policy, files: this.compared(), instant: now() }, tell);
  }

  /** @param {Item} item */
  async runItem(item) {
    const asked = this.asked;
    await this.run(item, async (tell) => { item.checked = await this.check(item, tell); });
    if (asked !== this.asked) Object.assign(item, { state: "waiting", checked: null });
  }

  /** @param {Item | Picture} one @param {(tell: (progress: Progress) => void) => Promise<void>} job */
  async run(one, job) {
    Object.assign(one, { state: "working", progress: null });
    this.changed("work");
    try {
      await job((progress) => {
        one.progress = progress;
        this.changed("progress");
      });
      one.state = "done";
    } catch (error) {
      if (!(error instanceof Ended)) reportError(error);
      Object.assign(one, { state: "ended", why: error instanceof Ended ? error.message : "unforeseen" });
    }
    this.changed("work");
  }
}

/** The answer, for people: from a verdict to what the page shows. */

import { decodeUtf8 } from "../../base/bytes.js";
import { encode } from "../../base/canonical.js";
import { element } from "../dom.js";

/**
 * @typedef {import("../../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("../../words/catalogue.js").Catalogue} Catalogue
 * @typedef {{words: Catalogue, file: {name: string, size: number, sha256: string}, policy: import("../policy.js").Pinned,
 *   isPinned: boolean, compared: readonly {name: string, sha256: string}[]}} Context
 *   what the reader knows beside the verdict; `isPinned`: the policy is the page's own
 * @typedef {{tone: "yes" | "due" | "no" | "mis" | "unk", kind: string, sentence: string}} Brief
 */

/** In one line, for lists and for a screen reader. @param {JsonObject} verdict @param {Context} context @returns {Brief} */
export function briefly(verdict, context) {
  const outcome = String(verdict.get("answer") ?? verdict.get("code"));
  return { tone: "unk", kind: outcome, sentence: context.file.name };
}

/** @param {HTMLElement} root empty @param {JsonObject} verdict @param {Context} context */
export function showAnswer(root, verdict, context) {
  const { tone, kind, sentence } = briefly(verdict, context);
  root.append(element("section", { class: `verdict ${tone}` }, element("p", { class: "kind" }, kind), element("h1", {}, sentence)));
  root.append(element("pre", {}, decodeUtf8(encode(verdict))));
}

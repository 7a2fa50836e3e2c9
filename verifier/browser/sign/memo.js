/** The deal memo as the page shows it: the words of `registry memo`, made here of the bytes that would be signed. */

import { toHex } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { renderMemo, unbrokenMemo } from "../memo/render.js";

/**
 * @typedef {import("./submission.js").Submission} Submission
 * @typedef {import("../words/catalogue.js").Catalogue} Catalogue
 * @typedef {{title: string, lead: string, parts: {heading: string, lines: {text: string, depth: number}[]}[]}} Memo
 * @typedef {"same" | "none" | "other"} Told whether the terms hold the hash of the memo that she was given
 */

/** @param {Submission} submission of a consent @param {Catalogue} words @returns {Memo} */
export function memoOf(submission, words) {
  const [head = "", ...rest] = unbrokenMemo(consentOf(submission), sectionsOf(submission), words).replace(/\n+$/, "").split("\n\n");
  /** @type {Memo} */
  const memo = { title: head, lead: "", parts: [] };
  for (const block of rest) {
    const [first = "", ...lines] = block.split("\n");
    const isGoingOn = first.startsWith(" ");
    if (!isGoingOn && !lines.length) {
      memo.lead += (memo.lead && " ") + first;
      continue;
    }
    if (!isGoingOn) memo.parts.push({ heading: first, lines: [] });
    const part = memo.parts.at(-1);
    for (const line of isGoingOn ? [first, ...lines] : lines) part?.lines.push({ text: line.trim(), depth: line.startsWith("    ") ? 1 : 0 });
  }
  return memo;
}

/** @param {Submission} submission of a consent @param {readonly Catalogue[]} languages @returns {Told} */
export function memoTold(submission, languages) {
  const sections = sectionsOf(submission), consent = consentOf(submission), { memo } = sections.terms;
  if (memo === undefined) return "none";
  return languages.some((words) => toHex(sha256(renderMemo(consent, sections, words))) === memo) ? "same" : "other";
}

/** @param {Submission} submission */
const consentOf = ({ statement }) => /** @type {import("../statements/types.js").StatementOf<"consent">} */ (statement);

/** @param {Submission} submission @returns {any} */
function sectionsOf({ sections }) {
  return Object.fromEntries([...sections].map(([name, { section }]) => [name, section]));
}

/** All answers of a verdict in one word. */

import { objectOf, objectsOf, questionOf, textOf, textsOf } from "./explain.js";

/** @typedef {import("../base/canonical.js").JsonObject} JsonObject */

/**
 * `no` if any answer is, else `cannot_tell` if any is that, else `not_yet_due` if any is, else `yes`.
 * @param {JsonObject} verdict that is not invalid
 * @returns {"no" | "cannot_tell" | "not_yet_due" | "yes"}
 */
export function conclude(verdict) {
  const { kind, id } = questionOf(verdict), uses = objectsOf(verdict, "usages");
  const owed = [verdict, ...uses, ...objectsOf(verdict, "consents")].map((one) => textOf(objectOf(one, "paid"), "answer"));
  const answers = [textOf(verdict, "answer"), ...[verdict, ...uses].map((one) => textOf(one, "authorised")), ...owed].filter((one) => one !== undefined);
  if (kind === "asset" && textsOf(verdict, "files").some((digest) => digest !== id)) answers.push("CANNOT_TELL"); // a yes would be taken for the file that was compared
  return oneWord(answers);
}

/** @param {readonly (string | undefined)[]} answers @returns {"no" | "cannot_tell" | "not_yet_due" | "yes"} */
export function oneWord(answers) {
  const given = answers.filter((one) => one !== undefined);
  if (given.some((one) => one.startsWith("NOT_") && one !== "NOT_YET_DUE")) return "no";
  if (!given.length || given.includes("CANNOT_TELL")) return "cannot_tell";
  return given.includes("NOT_YET_DUE") ? "not_yet_due" : "yes";
}

/** Which subjects a statement touches (protocol, section 4.2): from its public members alone, so that anyone can tell. */

import { Malformed } from "../base/errors.js";
import { named } from "./types.js";

/** @typedef {import("./types.js").Statement} Statement */

const KINDS = new Set([
  "account", "asset", "consent", "erased", "exclusive", "keys", "mandate", "party", "registry", "twin", "uses",
]);
const PAIR = /^(approval|usage):([0-9a-f]{64})\.([0-9a-f]{64})$/;
const SINGLE = /^([a-z]+):([0-9a-f]{64})$/;

/** @param {string} text */
export function checkSubject(text) {
  if (PAIR.test(text)) return;
  const kind = SINGLE.exec(text)?.[1];
  if (kind === undefined || !KINDS.has(kind)) throw new Malformed("not a subject");
}

/**
 * @param {Statement} statement
 * @returns {Iterable<string>}
 */
function* touches(statement) {
  switch (statement.type) {
    case "seal": return;
    case "genesis": yield `registry:${statement.id}`; break;
    case "registry": yield `registry:${statement.registry}`; break;
    case "party": yield `party:${statement.id}`; yield `keys:${statement.id}`; break;
    case "key": if (statement.parties?.author) yield `keys:${statement.parties.author}`; break;
    case "guardian": if (statement.parties?.model) yield `keys:${statement.parties.model}`; break;
    case "mandate": yield `mandate:${statement.id}`; break;
    case "consent":
      yield `consent:${statement.id}`;
      if (statement.replaces) yield `consent:${statement.replaces}`;
      if (statement.renews) yield `consent:${statement.renews}`;
      if (statement.sections?.exclusive && statement.parties?.model) yield `exclusive:${statement.parties.model}`;
      break;
    case "twin": yield `twin:${statement.id}`; break;
    case "approval": for (const asset of statement.assets) yield `approval:${statement.consent}.${asset}`; break;
    case "usage": yield `uses:${statement.consent}`; yield `usage:${statement.consent}.${statement.id}`; break;
    case "report": yield `uses:${statement.consent}`; yield `usage:${statement.consent}.${statement.usage}`; break;
    case "payment": case "receipt": case "adjustment": yield `account:${statement.consent}`; break;
    case "revocation":
      if (statement.consent) yield `consent:${statement.consent}`;
      if (statement.mandate) yield `mandate:${statement.mandate}`;
      if (statement.twin) yield `twin:${statement.twin}`;
      break;
    case "exercise": case "suspension": case "resumption": case "dispute": case "ruling":
      yield `consent:${statement.consent}`;
      break;
    case "erasure": yield `erased:${statement.of}`; break;
    default: /** @satisfies {never} */ (statement);
  }
  if ("assets" in statement) for (const asset of statement.assets) yield `asset:${asset}`;
  for (const party of named(statement)) yield `party:${party}`;
}

/** @param {Statement} statement @returns {Set<string>} */
export function subjects(statement) {
  return new Set(touches(statement));
}

/**
 * What is put up to be signed: a statement's bytes, its opened sections, and the signatures so far (protocol, section 8).
 *
 * All that is shown comes from these bytes, and they are what is signed: nothing else is believed of them.
 */

import { formatB64, parseB64 } from "../base/base64.js";
import { parseHex } from "../base/bytes.js";
import { encode, object, parse } from "../base/canonical.js";
import { verify } from "../base/crypto.js";
import { Malformed, within } from "../base/errors.js";
import { digestOf, parseDisclosure } from "../statements/disclosure.js";
import { envelopeFromJson, pae, PAYLOAD_TYPE } from "../statements/envelope.js";
import { record, text } from "../statements/readers.js";
import { parseSection } from "../statements/sections.js";
import { MAX_LEAF, parseStatement, SECTION_NAMES } from "../statements/types.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("../statements/types.js").SectionName} SectionName
 * @typedef {{keyid: string, sig: Uint8Array}} Signature
 * @typedef {{value: JsonObject, section: import("../statements/sections.js").Section}} OpenedSection
 * @typedef {{payload: Uint8Array, members: JsonObject, statement: import("../statements/types.js").Statement, sections: Map<SectionName, OpenedSection>,
 *   disclosures: readonly string[], signatures: readonly Signature[]}} Submission
 *   `members` are the statement's, as they stand in its bytes
 */

const outside = record({ disclosures: (value) => value, envelope: (value) => value }, {});
const unsigned = record({ payload: text, payloadType: text, signatures: (value) => value }, {});

/** Throws {@link Malformed} for what cannot be read, is signed wrongly, or leaves out what the statement commits to. @param {Json} value @returns {Submission} */
export function readSubmission(value) {
  const { disclosures, envelope } = outside(value);
  const { payload, signatures } = within("envelope", () => readEnvelope(/** @type {Json} */ (envelope)));
  const statement = within("payload", () => parseStatement(payload));
  const message = pae(payload);
  for (const { keyid, sig } of signatures) if (!verify(parseHex(keyid), message, sig)) throw new Malformed("a signature does not verify", "envelope.signatures");
  const sections = openedSections(statement, disclosures);
  const members = /** @type {JsonObject} */ (parse(payload, MAX_LEAF));
  return { payload, members, statement, sections, disclosures: /** @type {string[]} */ (disclosures), signatures };
}

/** @param {Json} value @returns {{payload: Uint8Array, signatures: Signature[]}} */
function readEnvelope(value) {
  const given = value instanceof Map ? value.get("signatures") : null;
  if (!Array.isArray(given) || given.length) return envelopeFromJson(value);
  const { payload, payloadType } = unsigned(value);
  if (payloadType !== PAYLOAD_TYPE) throw new Malformed("another type of payload", "payloadType");
  return { payload: parseB64(payload), signatures: [] };
}

/** Every section that the statement commits to, and no other. @param {Submission["statement"]} statement @param {unknown} disclosures @returns {Map<SectionName, OpenedSection>} */
function openedSections(statement, disclosures) {
  /** @type {Map<SectionName, OpenedSection>} */
  const found = new Map();
  if (!Array.isArray(disclosures) || disclosures.length > SECTION_NAMES.length) throw new Malformed("must be an array of disclosures", "disclosures");
  for (const given of disclosures) {
    const { name, value } = within("disclosures", () => parseDisclosure(text(given)));
    if (statement.sections?.[name] !== digestOf(/** @type {string} */ (given)) || found.has(name)) throw new Malformed("the statement does not commit to this", name);
    found.set(name, { value, section: within(name, () => parseSection(statement, name, value)) });
  }
  for (const name of Object.keys(statement.sections ?? {})) {
    if (!found.has(/** @type {SectionName} */ (name))) throw new Malformed("it is not here: nobody signs what she cannot read", name);
  }
  return found;
}

/** The same with one signature more; an earlier one by the same key is replaced. @param {Submission} submission @param {Signature} signature @returns {Submission} */
export function withSignature(submission, signature) {
  const others = submission.signatures.filter(({ keyid }) => keyid !== signature.keyid);
  return { ...submission, signatures: [...others, signature].sort((one, other) => (one.keyid < other.keyid ? -1 : 1)) };
}

/** As it is sent. @param {Submission} submission @returns {JsonObject} */
export function submissionJson({ payload, disclosures, signatures }) {
  return object({
    disclosures: [...disclosures],
    envelope: object({
      payload: formatB64(payload), payloadType: PAYLOAD_TYPE,
      signatures: signatures.map(({ keyid, sig }) => object({ keyid, sig: formatB64(sig) })),
    }),
  });
}

/** A statement that is made here, with its sections, and nobody's signature. @param {JsonObject} members @param {readonly string[]} disclosures @returns {Submission} */
export function submissionOf(members, disclosures) {
  const envelope = object({ payload: formatB64(encode(members)), payloadType: PAYLOAD_TYPE, signatures: [] });
  return readSubmission(object({ disclosures: [...disclosures], envelope }));
}

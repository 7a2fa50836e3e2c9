/** Disclosures: private sections as SD-JWT disclosures (RFC 9901; protocol, section 3.2). */

import { formatB64u, parseB64u } from "../base/base64.js";
import { encodeUtf8 } from "../base/bytes.js";
import { parse } from "../base/canonical.js";
import { sha256 } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";
import { b64uOf, choice } from "./readers.js";
import { SECTION_NAMES } from "./types.js";

export const MAX_DISCLOSURE = 65_536;
const salt = b64uOf(16);
const sectionName = choice(...SECTION_NAMES);

/**
 * @param {string} text
 * @returns {{name: import("./types.js").SectionName, value: import("../base/canonical.js").JsonObject}}
 */
export function parseDisclosure(text) {
  const value = parse(parseB64u(text), MAX_DISCLOSURE);
  if (!Array.isArray(value) || value.length !== 3) throw new Malformed("a disclosure is an array of salt, name and object");
  const [saltValue, name, section] = value;
  if (saltValue === undefined || name === undefined || !(section instanceof Map)) throw new Malformed("must be an object", "[2]");
  salt(saltValue);
  return { name: sectionName(name), value: section };
}

/** What the header holds for a disclosure. @param {string} text */
export function digestOf(text) {
  return formatB64u(sha256(encodeUtf8(text)));
}

/** Statements: the small public headers that parties sign (protocol, sections 3 and 4). */

import { toHex } from "../base/bytes.js";
import { parse } from "../base/canonical.js";
import { sha256 } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";
import { ED25519, parseVkey } from "../log/note.js";
import { b64Of, b64uOf, choice, hex64, ids, instant, integer, keys, lineOf, record, setOf, text } from "./readers.js";

export const VERSION = 2;
export const MAX_LEAF = 65_535;
const MAX_PAYEES = 16;

export const SECTION_NAMES = /** @type {const} */ (["evidence", "exclusive", "money", "name", "person", "terms"]);
export const ROLES = /** @type {const} */ ([
  "agency", "arbiter", "author", "controller", "guardian", "licensee", "maker", "model", "payee", "payer", "provider",
  "sublicensee", "union",
]);
const PARTY_ROLES = /** @type {const} */ ([
  "agency", "arbiter", "fund", "guardian", "holder", "licensee", "maker", "model", "provider", "union",
]);
export const PROFILES = /** @type {const} */ (["equity-uk", "eu", "ny", "open", "sag-aftra"]);

/**
 * @typedef {(typeof SECTION_NAMES)[number]} SectionName
 * @typedef {(typeof ROLES)[number]} Role
 * @typedef {{[R in Role]?: string} & {payees?: string[]}} Parties
 */

const line = lineOf(1024);

/** @type {import("./readers.js").Reader<string>} */
function logKey(value) {
  const written = line(value);
  if (parseVkey(written).algorithm !== ED25519) throw new Malformed("the key of a log is an Ed25519 key (algorithm 1)");
  return written;
}

const ground = choice("breach", "other", "strike", "unpaid", "withdrawal");
const recovery = record({ keys, threshold: integer(1) }, {});
const party = hex64;
const parties = record({}, {
  agency: party, arbiter: party, author: party, controller: party, guardian: party, licensee: party, maker: party,
  model: party, payee: party, payees: setOf(hex64, MAX_PAYEES), payer: party, provider: party, sublicensee: party, union: party,
});
const digest = b64uOf(32);
const sections = record({}, {
  evidence: digest, exclusive: digest, money: digest, name: digest, person: digest, terms: digest,
});

/** @type {import("./readers.js").Reader<2>} */
function version(value) {
  if (value !== VERSION) throw new Malformed(`must be ${VERSION}, the version of the protocol`);
  return VERSION;
}

const common = { kembar: version, type: text, at: instant, nonce: b64uOf(16) };
const maybe = { parties, sections };

/**
 * A type of statement: its members, its sections, and what members may stand together.
 * @template {import("./readers.js").Members} R
 * @template {import("./readers.js").Members} O
 * @param {R} required
 * @param {O} optional
 */
function shape(required, optional) {
  return record({ ...common, registry: hex64, ...required }, { ...maybe, ...optional });
}

const READERS = {
  genesis: record({
    ...common, origin: line, log: logKey, registrars: keys, rules: integer(1), profile: choice(...PROFILES),
  }, maybe),
  registry: shape({}, { log: logKey, registrars: keys, rules: integer(1) }),
  party: shape({ roles: setOf(choice(...PARTY_ROLES)) }, { keys, recovery }),
  key: shape({}, { add: keys, retire: keys, keys, recovery }),
  guardian: shape({ until: instant }, {}),
  mandate: shape({ powers: setOf(choice("approve", "collect", "revoke")), starts: instant, ends: instant }, {}),
  consent: shape({ act: choice("create", "use") }, {
    twin: hex64, under: hex64, replaces: hex64, renews: hex64, sublicensees: ids,
    sublicense: choice("countersigned", "listed"), providers: ids, exercise_by: instant,
  }),
  exercise: shape({ consent: hex64 }, {}),
  twin: shape({ creation: hex64, assets: ids, modality: choice("image", "motion", "scan", "video", "voice") }, {}),
  approval: shape({ consent: hex64, assets: ids, decision: choice("approve", "reject") }, { under: hex64 }),
  usage: shape({ consent: hex64, twin: hex64, assets: ids }, {}),
  report: shape({ consent: hex64, usage: hex64 }, {}),
  payment: shape({ consent: hex64 }, {}),
  receipt: shape({ consent: hex64 }, {}),
  adjustment: shape({ consent: hex64, kind: choice("credit", "return") }, { of: ids }),
  revocation: shape({ effective: instant, ground }, {
    consent: hex64, mandate: hex64, twin: hex64, part: choice("exclusive"), under: hex64,
  }),
  suspension: shape({ consent: hex64, effective: instant, ground }, {}),
  resumption: shape({ consent: hex64, effective: instant }, {}),
  dispute: shape({
    consent: hex64, of: ids,
    tag: choice("identity", "key", "other", "quality", "unauthorised", "unpaid", "wrong_amount"),
  }, {}),
  ruling: shape({ consent: hex64, of: ids, outcome: choice("stands", "void") }, {}),
  erasure: shape({
    of: hex64, erased: setOf(choice("evidence", "money", "person", "terms")),
    ground: choice("order", "request", "retention", "withdrawal"),
  }, {}),
  seal: shape({ first: integer(), size: integer(), index: b64Of(32) }, {}),
};

/**
 * @typedef {keyof typeof READERS} StatementType
 * @typedef {{[T in StatementType]: ReturnType<(typeof READERS)[T]> & {type: T, id: string, registry?: string}}} Statements
 * @typedef {Statements[StatementType]} Statement
 */
/**
 * @template {StatementType} T
 * @typedef {Statements[T]} StatementOf
 */

/** @type {{[T in StatementType]?: string}} the sections of a type; those with ? may be left out */
const SECTIONS = {
  party: "person name?",
  key: "name?",
  mandate: "money person?",
  exercise: "person?",
  twin: "person?",
  approval: "terms?",
  usage: "terms person?",
  report: "terms",
  payment: "money evidence",
  receipt: "money evidence",
  adjustment: "money evidence?",
  revocation: "person?",
  suspension: "person?",
  resumption: "person?",
  dispute: "person? evidence?",
  ruling: "person?",
};
const CONSENT_SECTIONS = { create: "terms money? person?", use: "terms money person? exclusive?" };

/** @param {Statement} statement */
function checkSections(statement) {
  const list = statement.type === "consent" ? CONSENT_SECTIONS[statement.act] : SECTIONS[statement.type] ?? "";
  const words = list.split(" ");
  const there = Object.keys(statement.sections ?? {});
  for (const word of words) {
    if (word && !word.endsWith("?") && !there.includes(word)) throw new Malformed("is missing", `sections.${word}`);
  }
  for (const name of there) {
    if (!words.includes(name) && !words.includes(name + "?")) throw new Malformed("no such section here", `sections.${name}`);
  }
}

/**
 * Which members may stand together.
 * @param {Statement} statement
 */
function checkMembers(statement) {
  /** @param {boolean} right @param {string} message */
  const must = (right, message) => {
    if (!right) throw new Malformed(message);
  };
  const count = (/** @type {unknown[]} */ ...members) => members.filter((member) => member !== undefined).length;
  switch (statement.type) {
    case "registry":
      return must(count(statement.log, statement.registrars, statement.rules) > 0, "at least one of log, registrars and rules");
    case "party":
      return must(
        !statement.roles.includes("model") || !statement.keys || !!statement.recovery,
        "a model with keys has recovery keys too",
      );
    case "key":
      must((count(statement.add, statement.retire) > 0) !== !!statement.keys, "either add, retire or both, or the full new keys");
      return must(!statement.recovery || !!statement.keys, "recovery stands only beside keys");
    case "consent":
      must(count(statement.replaces, statement.renews) < 2, "a consent replaces or renews, not both");
      return statement.act === "use"
        ? must(!!statement.twin, "a consent to a use names its twin")
        : must(
          !count(statement.twin, statement.under, statement.replaces, statement.renews, statement.sublicensees,
            statement.sublicense, statement.exercise_by) && (!statement.providers || !!statement.sections?.money),
          "a consent to create has no such member",
        );
    case "adjustment":
      return must((statement.kind === "return") === !!statement.of, "of stands exactly in a return");
    case "revocation":
      must(count(statement.consent, statement.mandate, statement.twin) === 1, "exactly one of consent, mandate and twin");
      return must(
        !statement.part || (!!statement.consent && statement.ground === "unpaid"),
        "part: exclusive is of a consent, on the ground unpaid",
      );
    default:
  }
}

/**
 * Read one statement; Malformed says where and why it cannot be read.
 * @param {Uint8Array} payload
 * @returns {Statement}
 */
export function parseStatement(payload) {
  const value = parse(payload, MAX_LEAF);
  const type = value instanceof Map ? value.get("type") : undefined;
  if (typeof type !== "string" || !Object.hasOwn(READERS, type)) throw new Malformed("not a type of statement", "type");
  const read = READERS[/** @type {StatementType} */ (type)](value);
  const statement = /** @type {Statement} */ ({ ...read, id: toHex(sha256(payload)) });
  checkMembers(statement);
  checkSections(statement);
  return statement;
}

/** The parties that a statement names, each once. @param {Statement} statement @returns {Set<string>} */
export function named(statement) {
  const { payees = [], ...single } = statement.parties ?? {};
  return new Set([...Object.values(single), ...payees]);
}

export const STATEMENT_TYPES = /** @type {StatementType[]} */ (Object.keys(READERS));


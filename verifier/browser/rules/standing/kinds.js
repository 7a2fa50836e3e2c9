/** The tables of the protocol, sections 4 and 4.2, as data: whom a statement names, what it stands on, who signs it. */

/**
 * @typedef {import("../../statements/types.js").Statement} Statement
 * @typedef {import("../../statements/types.js").StatementType} StatementType
 * @typedef {import("../../statements/types.js").Role} Role
 */
/**
 * The party in `role`, enrolled with the role `enrolled` (null: with any), signs. `ward`: while a guardian is live for
 * her the guardian signs, and she too if she has keys. `optional`: where nobody is named in the role, nobody has to.
 * @typedef {{role: Role, enrolled: string | null, ward?: boolean, optional?: boolean}} SigningRole
 */
/**
 * `all` sign; or `one`; or the `first` who is named; or `some`, each complete; or the `side` that did; or keys that the
 * statement itself names (`new`), the registry's and a registrar's; or one of the forms of section 4.1.
 * @typedef {{how: "all" | "one" | "first" | "some" | "side", roles: readonly SigningRole[]}
 *   | {how: "keys", new: readonly string[], registry?: boolean, registrar?: boolean} | {how: "forms"}} Signing
 */
/**
 * The statement whose id is in `member`, of this type, in the list of `subject`.
 * @typedef {{member: string, type: StatementType, list: string, same?: readonly Role[], act?: "use" | "create"}} On
 * @typedef {{signed: Signing, names: readonly string[], mayName: readonly string[], like?: string, on: readonly On[], power?: string}} Kind
 */

/** @type {SigningRole} */
const MODEL = { role: "model", enrolled: "model", ward: true };
/** @type {SigningRole} */
const LICENSEE = { role: "licensee", enrolled: "licensee" };
/** @type {SigningRole} */
const MAKER = { role: "maker", enrolled: "maker" };
/** @type {SigningRole} */
const AGENCY = { role: "agency", enrolled: "agency", optional: true };
/** @type {SigningRole} */
const UNION = { role: "union", enrolled: "union", optional: true };
/** @type {SigningRole} */
const PROVIDER = { role: "provider", enrolled: "provider", optional: true };
/** @type {SigningRole} */
const ARBITER = { role: "arbiter", enrolled: "arbiter" };
/** @type {SigningRole} */
const SUBLICENSEE = { role: "sublicensee", enrolled: "licensee", optional: true };
/** @type {SigningRole} */
const PAYER = { role: "payer", enrolled: null, ward: true };
/** @type {SigningRole} */
const PAYEE = { role: "payee", enrolled: null, ward: true };
/** @type {SigningRole} */
const AUTHOR = { role: "author", enrolled: null, ward: true };

/** @type {On} */
const UNDER = { member: "under", type: "mandate", list: "mandate", same: ["model"] };
/** @type {On} */
const CONSENT = { member: "consent", type: "consent", list: "consent" };
/** @type {On} */
const USE_CONSENT = { ...CONSENT, act: "use" };

/** @param {...SigningRole} roles @returns {Signing} */
const all = (...roles) => ({ how: "all", roles });
/** @param {...SigningRole} roles @returns {Signing} */
const one = (...roles) => ({ how: "one", roles });
/** @param {...SigningRole} roles @returns {Signing} */
const first = (...roles) => ({ how: "first", roles });

/**
 * @param {Signing} signed
 * @param {{names?: string[], mayName?: string[], like?: string, on?: On[], power?: string}} [more]
 * @returns {Kind}
 */
function kind(signed, { names = [], mayName = [], on = [], ...more } = {}) {
  return { signed, names, mayName, on, ...more };
}

const ON_CONSENT = { like: "consent", on: [CONSENT] };
const ON_USE = { like: "consent", on: [USE_CONSENT] };
const MONEY_NAMES = { names: ["payer", "payee"], mayName: ["provider"] };

/** @type {Record<string, Kind>} */
const KINDS = {
  genesis: kind({ how: "keys", new: ["log"] }),
  registry: kind({ how: "keys", new: ["log"], registry: true }),
  party: kind({ how: "keys", new: ["keys", "recovery"], registrar: true }, { mayName: ["controller"] }),
  key: kind({ how: "forms" }, { names: ["author"] }),
  guardian: kind({ how: "forms" }, { names: ["model", "guardian"] }),
  mandate: kind(all(MODEL, AGENCY), { names: ["model", "agency"] }),
  "consent create": kind(all(MODEL, MAKER), { names: ["model", "maker"] }),
  "consent use": kind(all(MODEL, LICENSEE, AGENCY), {
    names: ["model", "licensee", "payees"],
    mayName: ["union", "arbiter"],
    on: [
      { member: "twin", type: "twin", list: "twin", same: ["model"] },
      { member: "replaces", type: "consent", list: "consent", same: ["model", "licensee"], act: "use" },
      { member: "renews", type: "consent", list: "consent", same: ["model", "licensee"], act: "use" },
      { member: "under", type: "mandate", list: "mandate", same: ["model", "agency"] },
    ],
  }),
  exercise: kind(all(LICENSEE), ON_USE),
  twin: kind(all(MODEL, MAKER), {
    names: ["model", "maker"],
    on: [{ member: "creation", type: "consent", list: "consent", same: ["model", "maker"], act: "create" }],
  }),
  "approval approve": kind(all(MODEL), { like: "consent", on: [USE_CONSENT, UNDER], power: "approve" }),
  "approval reject": kind(one(MODEL), { like: "consent", on: [USE_CONSENT, UNDER], power: "approve" }),
  usage: kind(first(SUBLICENSEE, LICENSEE), { ...ON_USE, mayName: ["sublicensee"] }),
  report: kind(first(SUBLICENSEE, LICENSEE), {
    like: "consent", mayName: ["sublicensee"],
    on: [USE_CONSENT, { member: "usage", type: "usage", list: "usage", same: ["sublicensee"] }],
  }),
  payment: kind(first(PROVIDER, PAYER), { ...ON_CONSENT, ...MONEY_NAMES }),
  receipt: kind(all(PAYEE), { ...ON_CONSENT, names: ["payer", "payee"] }),
  "adjustment credit": kind(all(PAYEE), { ...ON_CONSENT, ...MONEY_NAMES }),
  "adjustment return": kind({ how: "some", roles: [PAYEE, PAYER, PROVIDER] }, { ...ON_CONSENT, ...MONEY_NAMES }),
  "revocation consent": kind(one(MODEL), { like: "consent", on: [CONSENT, UNDER], power: "revoke" }),
  "revocation exclusive": kind(one(MODEL), { like: "consent", on: [USE_CONSENT, UNDER], power: "revoke" }),
  "revocation mandate": kind(one(MODEL, AGENCY), {
    like: "mandate", on: [{ member: "mandate", type: "mandate", list: "mandate" }, UNDER], power: "revoke",
  }),
  "revocation twin": kind(one(MODEL), {
    like: "twin", on: [{ member: "twin", type: "twin", list: "twin" }, UNDER], power: "revoke",
  }),
  suspension: kind(one(MODEL, UNION), ON_CONSENT),
  resumption: kind({ how: "side", roles: [UNION, MODEL] }, ON_CONSENT),
  dispute: kind(one(AUTHOR), { ...ON_CONSENT, names: ["author"] }),
  ruling: kind(all(ARBITER), ON_USE),
  erasure: kind({ how: "keys", new: [], registrar: true }, { like: "of" }),
  seal: kind({ how: "keys", new: [], registry: true }),
};

/** @param {Statement} statement @returns {string} its type, and the value that its law turns on */
export function kindName(statement) {
  switch (statement.type) {
    case "consent": return `consent ${statement.act}`;
    case "approval": return `approval ${statement.decision}`;
    case "adjustment": return `adjustment ${statement.kind}`;
    case "revocation": return `revocation ${statement.part ?? (statement.consent ? "consent" : statement.mandate ? "mandate" : "twin")}`;
    default: return statement.type;
  }
}

/** @param {Statement} statement */
export function kindOf(statement) {
  return /** @type {Kind} */ (KINDS[kindName(statement)]);
}

/** A member that only some types have, if this one has it. @param {Statement} statement @param {string} name @returns {string | undefined} */
export function member(statement, name) {
  const found = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (statement))[name];
  return typeof found === "string" ? found : undefined;
}

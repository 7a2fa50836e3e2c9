/** The registry's own statements: its key, its registrars and its rule set in force at an index (protocol, section 4). */

import { toHex } from "../../base/bytes.js";
import { parseVkey } from "../../log/note.js";

/**
 * @typedef {import("../model/record.js").ShownRecord} ShownRecord
 * @typedef {{log: string, key: string, registrars: ReadonlySet<string>, rules: bigint}} RegistryState
 */

const AHEAD = 300n;
const LATE = 30n * 86_400n;

/** @param {string} vkey */
function keyOf(vkey) {
  return toHex(parseVkey(vkey).key);
}

/**
 * What is in force at `index`: the genesis, and every good `registry` statement at a lower index. Whether such a
 * statement is good turns on itself and on those before it alone (A0, A1, T6, T8).
 * @param {ShownRecord} record whose list of the registry is shown
 * @param {number} index
 * @returns {RegistryState}
 */
export function registryState(record, index) {
  /** @type {RegistryState | null} */
  let state = null;
  const seen = new Set();
  for (const row of record.rows(`registry:${record.genesis}`) ?? []) {
    const entry = record.entry(row);
    if (row >= index || !entry || seen.has(entry.statement.id)) continue;
    const { statement, signers, logged } = entry;
    if (statement.type === "genesis") {
      state ??= { log: statement.log, key: keyOf(statement.log), registrars: new Set(statement.registrars), rules: statement.rules };
    } else if (statement.type === "registry" && state) {
      /** @type {string} */
      const log = statement.log ?? state.log;
      const must = new Set([state.key, keyOf(log)]);
      const isSigned = signers.size === must.size && [...must].every((key) => signers.has(key));
      const isNamed = parseVkey(log).name === parseVkey(state.log).name && !statement.parties;
      const isTimely = statement.at <= logged + AHEAD && logged <= statement.at + LATE;
      if (!isSigned || !isNamed || !isTimely) continue;
      seen.add(statement.id);
      state = {
        log, key: keyOf(log), rules: statement.rules ?? state.rules,
        registrars: statement.registrars ? new Set(statement.registrars) : state.registrars,
      };
    }
  }
  if (!state) throw new Error("the list of the registry begins with its genesis");
  return state;
}

/**
 * The same for a rule, which may be asked where the list is not shown.
 * @param {import("../model/context.js").Context} context
 * @param {number} index
 * @returns {RegistryState | null}
 */
export function stateOfRegistry(context, index) {
  const { record } = context;
  if (!record.rows(`registry:${record.genesis}`)) return null;
  return context.recall(`registry ${index}`, () => registryState(record, index));
}

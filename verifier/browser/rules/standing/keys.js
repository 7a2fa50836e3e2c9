/** Which keys are live for a party, and who is her guardian: folded from `keys:<party>` (protocol, section 4.1). */

import { holds } from "../model/context.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/record.js").Entry} Entry
 */
/**
 * @template {import("../../statements/types.js").StatementType} T
 * @typedef {import("../model/record.js").Entry<T>} EntryOf
 */
/**
 * A party's keys as they stand before some index. `unknown`: the list is not shown, or an entry in it is doubtful, so
 * that nothing can be built on the rest; where that is a `guardian` statement the keys can, and the guardian is `unsure`.
 * @typedef {{unknown: boolean, unsure: boolean, enrolled: EntryOf<"party"> | null, live: ReadonlySet<string>, retired: ReadonlySet<string>,
 *   recovery: {keys: string[], threshold: bigint} | null, hadKey: boolean, guardian: string | null, guardianUntil: bigint}} KeyState
 */

/** @type {KeyState} */
const NOTHING = {
  unknown: false, unsure: false, enrolled: null, live: new Set(), retired: new Set(), recovery: null, hadKey: false, guardian: null, guardianUntil: 0n,
};
/** @type {KeyState} */
const UNKNOWN = { ...NOTHING, unknown: true, unsure: true };

/** The guardian who is live for an entry logged then. @param {KeyState} state @param {bigint} logged */
export function guardianAt(state, logged) {
  return logged < state.guardianUntil ? state.guardian : null;
}

/**
 * The party's keys and guardian as an entry at index `before` finds them.
 * @param {Context} context
 * @param {string} party
 * @param {number} before
 * @returns {KeyState}
 */
export function keyState(context, party, before) {
  const rows = context.record.rows(`keys:${party}`);
  if (!rows) return UNKNOWN;
  /** @type {[number, KeyState][]} */
  const states = context.recall(`keys ${party}`, () => [[-1, NOTHING]]);
  let [last, state] = /** @type {[number, KeyState]} */ (states.at(-1));
  const fresh = rows.filter((row) => row > last && row < before);
  if (fresh.length) guardiansFirst(context, party, before);
  for (const index of fresh) {
    const entry = context.record.entry(index);
    if (!entry) continue;
    const after = afterEntry(context, state, entry, party);
    if (/** @type {[number, KeyState]} */ (states.at(-1))[0] < index) states.push([index, after]);
    state = after;
  }
  let found = NOTHING;
  for (const [index, one] of states) {
    if (index >= before) break;
    found = one;
  }
  return found;
}

/**
 * Judge all that a chain of guardians turns on in log order: however long the chain, no judgement recurses far.
 * @param {Context} context @param {string} party @param {number} before
 */
function guardiansFirst(context, party, before) {
  if (context.inOrder) return;
  const parties = [party], seen = new Set(parties);
  /** @type {Map<number, Entry>} */
  const found = new Map();
  for (const ward of parties) {
    for (const index of context.record.rows(`keys:${ward}`) ?? []) {
      const entry = index < before ? context.record.entry(index) : null;
      if (!entry) continue;
      found.set(index, entry);
      const guardian = entry.statement.parties?.guardian;
      if (guardian && !seen.has(guardian)) {
        seen.add(guardian);
        parties.push(guardian);
      }
    }
  }
  if (parties.length === 1) return;
  context.inOrder = true;
  try {
    for (const index of [...found.keys()].sort((a, b) => a - b)) context.standing(/** @type {Entry} */ (found.get(index)));
  } finally {
    context.inOrder = false;
  }
}

/**
 * The state once an entry of the list has taken effect; a void one changes nothing.
 * @param {Context} context @param {KeyState} state @param {Entry} entry @param {string} party
 * @returns {KeyState}
 */
function afterEntry(context, state, entry, party) {
  const { standing } = context.standing(entry);
  if (standing === "void") return state;
  const { statement } = entry;
  if (standing === "doubtful") return { ...state, [statement.type === "guardian" ? "unsure" : "unknown"]: true };
  if (holds(entry, "party") && statement.id === party) {
    const live = new Set(entry.statement.keys ?? []);
    return { ...state, enrolled: entry, live, recovery: entry.statement.recovery ?? null, hadKey: state.hadKey || live.size > 0 };
  }
  if (statement.type === "guardian" && statement.parties?.model === party) {
    return { ...state, guardian: statement.parties.guardian ?? null, guardianUntil: statement.until };
  }
  if (statement.type === "key" && statement.parties?.author === party) return changed(state, statement);
  return state;
}

/**
 * The keys that a `key` statement makes live: each of them must sign it.
 * @param {KeyState} state
 * @param {import("../../statements/types.js").StatementOf<"key">} statement
 */
export function becoming(state, statement) {
  const retire = new Set(statement.retire ?? []);
  const wanted = (statement.keys ?? statement.add ?? []).filter((key) => !state.live.has(key) && !retire.has(key));
  return new Set(wanted.filter((key) => !state.retired.has(key)));
}

/**
 * @param {KeyState} state
 * @param {import("../../statements/types.js").StatementOf<"key">} statement
 * @returns {KeyState}
 */
function changed(state, statement) {
  const added = becoming(state, statement);
  const gone = new Set(statement.keys ? [...state.live].filter((key) => !statement.keys?.includes(key)) : statement.retire);
  const live = new Set([...state.live, ...added].filter((key) => !gone.has(key)));
  return {
    ...state, live, retired: new Set([...state.retired, ...gone]), recovery: statement.recovery ?? state.recovery,
    hadKey: state.hadKey || live.size > 0,
  };
}

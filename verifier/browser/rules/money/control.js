/** Who is controlled by whom: a registrar vouches for each party's `controller` at enrolment (M7, A16). */

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {{parties: ReadonlySet<string>, complete: boolean}} Chain a party, its controller and so on upward; complete if shown to the end
 */

/** @param {Context} context @param {string} party @returns {Chain} */
export function chainOf(context, party) {
  return context.recall(`chain ${party}`, () => {
    /** @type {Set<string>} */
    const parties = new Set();
    /** @type {string | undefined} */
    let above = party;
    while (above !== undefined && !parties.has(above)) {
      parties.add(above);
      const [entry, { standing }] = context.named(`keys:${above}`, above);
      if (standing === "doubtful") return { parties, complete: false };
      above = standing === "good" ? entry?.statement.parties?.controller : undefined;
    }
    return { parties, complete: true };
  });
}

/** Whether a party is one of the others or shares a controller, upward, with one; null: cannot be told. @param {Context} context @param {string} party @param {readonly string[]} others */
export function areTogether(context, party, others) {
  const own = chainOf(context, party), chains = others.map((other) => chainOf(context, other));
  if (chains.some((other) => [...other.parties].some((one) => own.parties.has(one)))) return true;
  return own.complete && chains.every(({ complete }) => complete) ? false : null;
}

/** The account of a consent: payments, receipts, adjustments and disputes, read from the record (M4, M5, M7). */

import { MAX_INTEGER } from "../../base/canonical.js";
import { holds, Unread } from "../model/context.js";
import { least as smaller } from "../model/results.js";
import { guardianAt, keyState } from "../standing/keys.js";
import { rulingsOf } from "../standing/rulings.js";
import { byTime } from "./allocation.js";
import { sum, within } from "./amounts.js";
import { areTogether } from "./control.js";
import { CannotTell, reason, rising } from "./reasons.js";
import { PAYEE, PAYER, PROVIDER, takeBack, transferOf } from "./transfers.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/context.js").Judgement} Judgement
 * @typedef {import("../model/record.js").Entry<"payment" | "receipt" | "adjustment">} AccountEntry
 * @typedef {import("../model/record.js").Entry<"adjustment">} AdjustmentEntry
 * @typedef {import("./allocation.js").Inflow} Inflow
 * @typedef {import("./reasons.js").Reason} Reason
 * @typedef {import("./transfers.js").Transfer} Transfer
 * @typedef {import("./transfers.js").TransferWord} TransferWord
 * @typedef {import("../../statements/sections.js").AdjustmentMoney} AdjustmentMoney
 */
/**
 * One payee's side. `least` and `most` are what came to her for certain and at most, one object where there is no gap. While
 * there are `unknowns` nothing can be told; `shared` are those of them about the licensee's money. `paid`: there are good
 * payments or receipts. `returned`: the returns that re-open. `repeated`: words of signers who used one reference again.
 * @typedef {{least: readonly Inflow[], most: readonly Inflow[], reasons: readonly Reason[], unknowns: readonly Reason[],
 *   shared: readonly Reason[], paid: boolean, returned: readonly number[], repeated: readonly number[]}} Side
 */
/** @typedef {{inflows: [Inflow | null, Inflow | null][], gaps: Reason[][], repeated: number[], credits: [Inflow, boolean][], unknowns: Reason[], shared: Reason[]}} Growing */

/** @type {Side} */
export const NO_SIDE = { least: [], most: [], reasons: [], unknowns: [], shared: [], paid: false, returned: [], repeated: [] };

/** The entries behind the inflows in which least and most differ. @param {Side} side */
export function apart({ least, most }) {
  const keyed = (/** @type {readonly Inflow[]} */ inflows) => new Map(inflows.map((one) => [`${one.at} ${one.amount} ${one.entries.join()}`, one.entries]));
  const one = keyed(least), other = keyed(most);
  const only = (/** @type {typeof one} */ a, /** @type {typeof one} */ b) => [...a].filter(([key]) => !b.has(key)).flatMap(([, entries]) => entries);
  return [...only(one, other), ...only(other, one)];
}

/** @param {AdjustmentMoney["lines"]} lines @returns {import("./amounts.js").Lines} */
const linesOf = (lines) => (lines ?? []).map((line) => [line.for, line.amount]);

/** @template K, V @param {Map<K, V>} map @param {K} key @param {() => V} make */
function getOr(map, key, make) {
  let found = map.get(key);
  if (found === undefined) map.set(key, found = make());
  return found;
}

export class Account {
  /** @param {Context} context @param {import("../model/record.js").Entry<"consent">} consent @param {string} currency */
  constructor(context, consent, currency) {
    const { parties = {}, sublicensees = [], act, id } = consent.statement;
    const payers = [parties.licensee, act === "create" ? parties.maker : undefined].flatMap((one) => one ?? []);
    this.context = context;
    this.consent = id;
    this.currency = currency;
    this.licensees = new Set([...sublicensees, ...payers]);
    this.agency = parties.agency;
    /** @type {Map<string, Growing>} by payee */
    this.growing = new Map();
    /** @type {Map<string, [TransferWord, ...TransferWord[]]>} by payee and reference */
    this.groups = new Map();
    /** @type {Map<string, TransferWord>} */
    this.byId = new Map();
    /** @type {[AdjustmentEntry, AdjustmentMoney][]} */
    this.returns = [];
    /** @type {Map<string, import("../model/record.js").Entry<"dispute">[]> | null} by what is said to be unpaid */
    this.disputes = this.unpaidDisputes();
    for (const [entry, judgement] of context.listed(`account:${id}`, "payment", "receipt", "adjustment") ?? []) this.take(entry, judgement);
    /** @type {ReadonlyMap<string, Side>} by payee, rising */
    this.sides = this.settle();
  }

  unpaidDisputes() {
    const listed = this.context.listed(`consent:${this.consent}`, "dispute");
    if (!listed) return null;
    /** @type {Map<string, import("../model/record.js").Entry<"dispute">[]>} */
    const found = new Map();
    for (const [entry] of listed) {
      if (entry.statement.tag !== "unpaid") continue;
      for (const id of entry.statement.of) getOr(found, id, () => []).push(entry);
    }
    return found;
  }

  /** What cannot be read of a good or doubtful entry leaves her side with an unknown. @param {AccountEntry} entry @param {Judgement} judgement */
  take(entry, judgement) {
    const { payee, payer } = entry.statement.parties ?? {};
    if (payee === undefined) return;
    const growing = getOr(this.growing, payee, () => ({ inflows: [], gaps: [], repeated: [], credits: [], unknowns: [], shared: [] }));
    try {
      if (judgement.standing !== "good") throw new CannotTell("M4", judgement.code, [entry.index]);
      this.read(entry, payee, growing);
    } catch (error) {
      if (!(error instanceof CannotTell)) throw error;
      growing.unknowns.push(error.reason);
      if (payer !== undefined && this.licensees.has(payer)) growing.shared.push(error.reason);
    }
  }

  /** @param {AccountEntry} entry @param {string} payee @param {Growing} growing */
  read(entry, payee, growing) {
    if (!holds(entry, "adjustment")) {
      const word = this.word(/** @type {import("../model/record.js").Entry<"payment" | "receipt">} */ (entry), payee);
      if (!this.byId.has(entry.statement.id)) this.byId.set(entry.statement.id, word);
      const key = `${payee} ${word.reference}`, group = this.groups.get(key);
      if (group) group.push(word);
      else this.groups.set(key, [word]);
      return;
    }
    const money = /** @type {AdjustmentMoney} */ (this.section(entry, "money"));
    if (!money.amount) return;
    if (entry.statement.kind === "return") {
      this.returns.push([entry, money]);
      return;
    }
    const home = money.currency === this.currency, { payer } = entry.statement.parties ?? {};
    growing.credits.push([{
      at: entry.logged, amount: home ? money.amount : null, lines: home ? within(linesOf(money.lines), money.amount) : [],
      entries: [entry.index], licensee: payer !== undefined && this.licensees.has(payer), credit: true,
    }, home]);
  }

  /** @param {AccountEntry} entry @param {import("../../statements/types.js").SectionName} name */
  section(entry, name) {
    const section = this.context.section(entry, name);
    if (section instanceof Unread) throw new CannotTell("M4", section.code, [entry.index]);
    return section;
  }

  /** @param {import("../model/record.js").Entry<"payment" | "receipt">} entry @param {string} payee @returns {TransferWord} */
  word(entry, payee) {
    const { payer = "", provider } = entry.statement.parties ?? {};
    const money = /** @type {import("../../statements/sections.js").PaymentMoney | import("../../statements/sections.js").ReceiptMoney} */ (this.section(entry, "money"));
    const { reference } = /** @type {import("../../statements/sections.js").BankEvidence} */ (this.section(entry, "evidence"));
    const lines = linesOf(money.lines);
    if (lines.length && sum(lines.map(([, amount]) => amount)) !== money.amount) throw new CannotTell("M5", "bad_terms", [entry.index]);
    const received = "received_at" in money, at = received ? money.received_at : money.settled_at;
    const grade = received ? PAYEE : provider !== undefined ? PROVIDER : PAYER, home = money.currency === this.currency;
    return {
      index: entry.index, author: received ? payee : provider ?? payer, grade, payee, payer, reference,
      amount: home ? money.amount : null, at: smaller(at, entry.logged), lines: home ? within(lines, money.amount) : [],
      lowered: grade === PAYER ? null : this.lowered(entry, payer, payee, provider),
    };
  }

  /** Why a payee's or provider's word counts as the payer's: common control (M7), or her dispute (M5). @param {AccountEntry} entry @param {string} payer @param {string} payee @param {string | undefined} provider @returns {Reason | null} */
  lowered(entry, payer, payee, provider) {
    let related = this.together(payer, [payee]);
    if (!related && provider !== undefined) {
      const others = new Set([...this.licensees, payer]);
      if (this.agency !== undefined && payee !== this.agency) others.add(this.agency);
      const byProvider = this.together(provider, [...others].sort());
      related = related === false || byProvider ? byProvider : null;
    }
    if (related !== false) return reason("M7", related === null ? "list_missing" : "same_control", [entry.index]);
    if (provider === undefined) return null;
    if (!this.disputes) return reason("M5", "list_missing", [entry.index]);
    for (const dispute of this.disputes.get(entry.statement.id) ?? []) {
      const byPayee = dispute.index > entry.index && dispute.statement.parties?.author === payee;
      if (byPayee && !this.isClosed(entry.statement.id, dispute)) return reason("M5", "claimed_unpaid", [entry.index, dispute.index]);
    }
    return null;
  }

  /** @param {string} party @param {readonly string[]} others */
  together(party, others) {
    return this.context.recall(`together ${party} ${others.join()}`, () => areTogether(this.context, party, others));
  }

  /** Whether a later ruling on the attestation, or on the dispute itself, lets the attestation stand (A20). @param {string} id @param {import("../model/record.js").Entry<"dispute">} dispute */
  isClosed(id, dispute) {
    const rulings = rulingsOf(this.context, dispute.statement.consent);
    return [id, dispute.statement.id].some((of) => {
      const last = (rulings?.byId.get(of) ?? []).filter(([{ index }]) => index > dispute.index).at(-1);
      return last !== undefined && last[1].standing === "good" && last[0].statement.outcome === "stands";
    });
  }

  /** Make inflows of the transfers, and of what was returned. @returns {Map<string, Side>} */
  settle() {
    /** @type {Map<string, number[]>} payee -> good returns */
    const returned = new Map();
    const transfers = new Map([...this.groups].map(([key, words]) => [key, transferOf(words)]));
    takeBack(this.returns.flatMap(([entry, money]) => this.return(entry, money, transfers, returned) ?? []));
    for (const transfer of transfers.values()) {
      const growing = /** @type {Growing} */ (this.growing.get(transfer.payee)), { least, most } = transfer;
      growing.repeated.push(...transfer.repeated);
      const certain = this.inflow(transfer, least, [transfer.payer], transfer.entries);
      const differ = most.amount !== least.amount || most.at !== least.at || String(most.lines) !== String(least.lines);
      if (transfer.reasons.length || differ) {
        growing.gaps.push(transfer.reasons);
        growing.inflows.push([certain, this.inflow(transfer, most, transfer.payers, rising([...transfer.entries, ...transfer.repeated]))]);
      } else growing.inflows.push([certain, certain]);
    }
    return new Map([...this.growing].sort(([a], [b]) => (a < b ? -1 : 1)).map(([payee, growing]) => [payee, sideOf(growing, returned.get(payee) ?? [])]));
  }

  /** @param {Transfer} transfer @param {import("./transfers.js").TransferSum} money @param {Iterable<string>} payers @param {readonly number[]} entries @returns {Inflow | null} */
  inflow({ returned }, { amount, at, lines }, payers, entries) {
    if (amount === 0n) return null;
    const licensee = [...payers].some((payer) => this.licensees.has(payer));
    return { at, amount, lines, entries: [...entries, ...returned], licensee, credit: false };
  }

  /**
   * A return as far as it fits: of earlier entries of the same payee, by the provider or payer in them or by her; null if
   * nothing in its `of` fits.
   * @param {AdjustmentEntry} entry @param {AdjustmentMoney} money @param {Map<string, Transfer>} transfers
   * @param {Map<string, number[]>} returned @returns {import("./transfers.js").Return | null}
   */
  return(entry, money, transfers, returned) {
    const { payee = "", payer = "", provider } = entry.statement.parties ?? {};
    const words = (entry.statement.of ?? []).flatMap((id) => this.byId.get(id) ?? []).filter(({ index }) => index < entry.index);
    const byPayer = this.signed(entry, payer), byPayee = this.signed(entry, payee);
    const byProvider = provider !== undefined && this.signed(entry, provider);
    const contested = reason("M5", "return_contested", [entry.index]);
    /** @type {Reason | null} */
    let attested = null;
    if (byProvider) {
      const related = this.together(payee, [provider ?? ""]);
      if (related !== false) attested = related ? contested : reason("M7", "list_missing", [entry.index]);
    }
    /** @type {Map<string, Reason | null>} */
    const doubts = new Map();
    for (const word of words.sort((a, b) => a.index - b.index)) {
      const key = `${payee} ${word.reference}`;
      if (word.payee !== payee || doubts.get(key) === null) continue;
      if (byPayer && word.payer === payer) doubts.set(key, null);
      else if (byProvider && word.author === provider) doubts.set(key, attested);
      else if (byPayee && !doubts.has(key)) doubts.set(key, contested);
    }
    if (!doubts.size) return null;
    if ([...doubts.values()].includes(null)) getOr(returned, payee, () => []).push(entry.index);
    const home = money.currency === this.currency;
    return {
      index: entry.index, of: [...doubts].map(([key, doubt]) => [/** @type {Transfer} */ (transfers.get(key)), doubt]),
      amount: home ? money.amount : null, lines: home ? linesOf(money.lines) : [],
    };
  }

  /** Whether a party signed; for a ward her guardian, and she too if she has keys. @param {AdjustmentEntry} entry @param {string} party */
  signed(entry, party) {
    const signedBy = (/** @type {ReadonlySet<string>} */ live) => [...entry.signers].some((key) => live.has(key));
    const state = keyState(this.context, party, entry.index), guardian = guardianAt(state, entry.logged);
    if (guardian === null) return signedBy(state.live);
    return signedBy(keyState(this.context, guardian, entry.index).live) && (!state.live.size || signedBy(state.live));
  }
}

/** @param {Growing} growing @param {readonly number[]} returned @returns {Side} */
function sideOf({ inflows, gaps, repeated, credits, unknowns, shared }, returned) {
  const there = (/** @type {(Inflow | null)[]} */ found) => found.flatMap((inflow) => inflow ?? []);
  const foreign = credits.filter(([, home]) => !home).map(([inflow]) => inflow);
  const least = byTime([...there(inflows.map(([one]) => one)), ...credits.filter(([, home]) => home).map(([inflow]) => inflow)]);
  const most = gaps.length || foreign.length ? byTime([...there(inflows.map(([, one]) => one)), ...credits.map(([inflow]) => inflow)]) : least;
  const isTooMuch = (/** @type {readonly Inflow[]} */ found) => sum(found.map(({ amount }) => amount ?? 0n)) > MAX_INTEGER;
  return {
    least, most, reasons: [...foreign.map(({ entries }) => reason("M5", "other_currency", entries)), ...gaps.flat()],
    unknowns: [...unknowns, ...(isTooMuch(least) || isTooMuch(most) ? [reason("M4", "too_large")] : [])], shared,
    paid: inflows.length > 0, returned, repeated: rising(repeated),
  };
}

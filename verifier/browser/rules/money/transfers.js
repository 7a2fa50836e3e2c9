/**
 * Which transfers there were, by whose word, and how much of them is left (M4, M5). Payments and receipts of one payee with
 * one reference are one transfer. What is certain of it is its *least*, what is possible its *most*; each gap has a reason.
 */

import { sum, within } from "./amounts.js";
import { reason } from "./reasons.js";

/**
 * @typedef {import("./amounts.js").Lines} Lines
 * @typedef {import("./reasons.js").Reason} Reason
 */
/** Whose word a word is (M4). The payer's own proves nothing. */
export const PAYER = 1, PROVIDER = 3, PAYEE = 4;
/**
 * A good payment or receipt. `amount` null: in another currency than the consent's. `at`: when the money moved by this word.
 * `lowered`: why the word counts no more than the payer's.
 * @typedef {{index: number, author: string, grade: number, payee: string, payer: string, reference: string, amount: bigint | null,
 *   at: bigint, lines: Lines, lowered: Reason | null}} TransferWord
 */
/**
 * Money that came to a payee under one reference. `payer`: whom the best word names. `payers`: all whom the words behind the
 * most name. `entries`: each signer's first words. `returned`: the indices of the returns that lowered it.
 * @typedef {{payee: string, payer: string, payers: ReadonlySet<string>, least: TransferSum, most: TransferSum,
 *   entries: number[], repeated: number[], reasons: Reason[], returned: number[]}} Transfer
 */
/**
 * A good `return` of some transfers, with each why the other side's word is missing, so that it does not re-open; null: it
 * does. `amount` null: in another currency.
 * @typedef {{index: number, of: [Transfer, Reason | null][], amount: bigint | null, lines: Lines}} Return
 */

/** Whether a word proves anything: the payee's or a provider's, which nothing lowers. @param {TransferWord} word */
const isSolid = ({ grade, lowered }) => grade > PAYER && !lowered;
/** Whether it cannot be told if anything lowers it, because a list is not shown. @param {TransferWord} word */
const isOpen = ({ lowered }) => lowered?.code === "list_missing";

/** A transfer's money, when it came, and what it is for; `amount` null: no upper bound. */
export class TransferSum {
  /** @param {bigint | null} amount @param {bigint} at @param {Lines} lines */
  constructor(amount, at, lines) {
    this.amount = amount;
    this.at = at;
    this.lines = lines;
  }

  /** Lower it by at most `wanted`: first what is named, then what is free, then the last lines; how much it was. @param {bigint} wanted @param {Lines} named */
  take(wanted, named) {
    if (this.amount === null) return 0n;
    const taken = wanted < this.amount ? wanted : this.amount;
    const left = new Map(this.lines);
    let toName = taken;
    for (const [name, amount] of named) {
      const there = left.get(name) ?? 0n;
      const back = [amount, there, toName].reduce((a, b) => (b < a ? b : a));
      if (!back) continue;
      left.set(name, there - back);
      toName -= back;
    }
    this.amount -= taken;
    if (this.lines.length) this.lines = within([...left], this.amount);
    return taken;
  }
}

/** The words of each signer, in log order. @param {readonly TransferWord[]} words */
function byAuthor(words) {
  /** @type {Map<string, [TransferWord, ...TransferWord[]]>} */
  const found = new Map();
  for (const word of words) {
    const own = found.get(word.author);
    if (own) own.push(word);
    else found.set(word.author, [word]);
  }
  return [...found.values()];
}

/** @param {readonly TransferWord[]} words */
const indicesOf = (words) => words.map(({ index }) => index);

/** What a transfer is for: as the first payer or provider who says so has it, else as the payee has it. @param {readonly TransferWord[]} words */
function linesOf(words) {
  const others = words.filter(({ grade }) => grade !== PAYEE), own = words.filter(({ grade }) => grade === PAYEE);
  return [...others, ...own].find(({ lines }) => lines.length)?.lines ?? [];
}

/** What was stated in the consent's currency, and the words in another; a receipt in it settles what those are worth. @param {readonly TransferWord[]} words */
function amountsOf(words) {
  const own = words.filter(({ amount }) => amount !== null), foreign = words.filter(({ amount }) => amount === null);
  const settled = own.filter(({ grade }) => grade === PAYEE);
  const counted = foreign.length && settled.length ? settled : own;
  return { amounts: counted.map(({ amount }) => amount ?? 0n), foreign: settled.length ? [] : indicesOf(foreign) };
}

/** @param {readonly bigint[]} amounts not empty @param {1 | -1} sign */
const extreme = (amounts, sign) => amounts.reduce((a, b) => ((sign > 0 ? b > a : b < a) ? b : a));

/**
 * The transfer that words of one payee with one reference are about, in log order. It counts once at its best grade; of a
 * signer's words the first counts, and what the others may add raises the most. Less shown never proves more.
 * @param {readonly TransferWord[]} words not empty @returns {Transfer}
 */
export function transferOf(words) {
  const authors = byAuthor(words), firsts = authors.map(([first]) => first);
  const solid = firsts.filter(isSolid), unsure = solid.length ? firsts.filter(isOpen) : [];
  const counted = solid.length ? firsts.filter((word) => isSolid(word) || isOpen(word)) : firsts;
  const { amounts, foreign } = amountsOf(counted), lines = linesOf(firsts);
  const leastAmount = solid.length && amounts.length ? extreme(amounts, -1) : 0n;
  const mostAmount = foreign.length ? null : extreme(amounts, 1);
  const times = counted.map(({ at }) => at);
  const least = new TransferSum(leastAmount, extreme(times, 1), within(lines, leastAmount));
  const most = new TransferSum(mostAmount, extreme(times, -1), within(lines, mostAmount));
  const best = (solid.length ? solid : firsts).reduce((a, b) => (b.grade > a.grade || (b.grade === a.grade && b.index < a.index) ? b : a));
  const repeats = authors.filter((own) => own.length > 1), repeated = indicesOf(repeats.flat()).sort((a, b) => a - b);
  /** @type {Reason[]} */
  const reasons = [], entries = indicesOf(firsts);
  if (foreign.length) reasons.push(reason("M5", "other_currency", foreign));
  else if (solid.length && least.amount !== most.amount) {
    reasons.push(reason("M5", "amounts_differ", indicesOf(counted)), ...unsure.flatMap(({ lowered }) => lowered ?? []));
  } else if (!solid.length) {
    const lowered = firsts.flatMap((word) => word.lowered ?? []);
    reasons.push(...(lowered.length ? lowered : [reason("M4", "own_word", entries)]));
  }
  if (repeats.length && raiseMost(most, repeats)) reasons.push(reason("M5", "reference_repeated", repeated));
  const payers = new Set([best.payer, ...[...unsure, ...repeats.flat()].map(({ payer }) => payer)]);
  return { payee: best.payee, payer: best.payer, payers, least, most, entries, repeated, reasons, returned: [] };
}

/** Whether the most grows, or is earlier, once all words of the signer whose words come to most count. @param {TransferSum} most @param {readonly [TransferWord, ...TransferWord[]][]} repeats */
function raiseMost(most, repeats) {
  const { amount, at } = most;
  most.at = extreme([at, ...repeats.flat().map((word) => word.at)], -1);
  if (most.amount !== null) {
    const totals = repeats.map((own) => ({ own, total: own.some((word) => word.amount === null) ? null : sum(own.map((word) => word.amount ?? 0n)) }));
    const { own, total } = totals.reduce((a, b) => (a.total !== null && (b.total === null || b.total > a.total) ? b : a));
    if (total === null || total > most.amount) {
      const more = within(own.slice(1).flatMap(({ lines }) => lines), total === null ? null : total - most.amount);
      most.amount = total;
      most.lines = within([...most.lines, ...more], total);
    }
  }
  return most.amount !== amount || most.at !== at;
}

/** Lower the transfers by what was returned, in log order: every return lowers the least, one that re-opens the most too. @param {readonly Return[]} returns */
export function takeBack(returns) {
  for (const { index, of, amount, lines } of returns) {
    let leftLeast = amount, leftMost = amount;
    for (const [transfer, doubt] of of) {
      const taken = transfer.least.take(leftLeast ?? transfer.least.amount ?? 0n, lines);
      if (taken) transfer.returned.push(index);
      if (leftLeast !== null) leftLeast -= taken;
      if (leftMost === null) transfer.reasons.push(reason("M5", "other_currency", [index]));
      else if (doubt) transfer.reasons.push(doubt);
      else leftMost -= transfer.most.take(leftMost, lines);
    }
  }
}

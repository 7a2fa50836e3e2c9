/** The book of a consent: what is due on each leg, what came, and how the two fill (M1 to M7). */

import { DAY } from "../../base/instant.js";
import { holds, Unread } from "../model/context.js";
import { FOREVER, least, most } from "../model/results.js";
import { Account, apart, NO_SIDE } from "./account.js";
import { Arising } from "./arising.js";
import { Ledger, periodOf } from "./claims.js";
import { chainOf, readEvent, stopsOfUses } from "./events.js";
import { checkMoney } from "./fees.js";
import { LegBook } from "./leg_book.js";
import { CannotTell, gather, reason, rising } from "./reasons.js";
import { countsOverTheConsent, countsTime, SCALE, Schedule } from "./schedule.js";
import { legsOf } from "./splits.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("../model/record.js").Entry<"consent">} ConsentEntry
 * @typedef {import("./allocation.js").Claim} Claim
 * @typedef {import("./arising.js").FlatLine} FlatLine
 * @typedef {import("./claims.js").Posting} Posting
 * @typedef {import("./leg_book.js").Dues} Dues
 * @typedef {import("./leg_book.js").Open} Open
 * @typedef {import("./reasons.js").Reason} Reason
 * @typedef {import("../../statements/sections.js").ConsentMoney} ConsentMoney
 */

/** The book of a consent, the same for every question to this context. @param {Context} context @param {string} consent its id */
export function openBook(context, consent) {
  return context.recall(`book ${consent}`, () => new Book(context, consent));
}

/**
 * A consent's money, with the lines of the consent that arose by the instant that is asked about. While it is `blocked`
 * nothing can be told; `legs` are there as far as there are figures, and `schedule` as far as it is known what is due at all.
 */
export class Book {
  /** @param {Context} context @param {string} id */
  constructor(context, id) {
    this.context = context;
    this.id = id;
    /** @type {ConsentEntry | null} */
    this.consent = null;
    /** @type {ConsentMoney | null} */
    this.money = null;
    /** @type {Schedule | null} */
    this.schedule = null;
    /** @type {Arising | null} */
    this.arising = null;
    /** @type {Account | null} */
    this.account = null;
    /** @type {Reason[]} */
    this.blockedBy = [];
    /** Why nothing can be told of what usages earned, though something can of the consent's own lines. @type {Reason[]} */
    this.usagesBlockedBy = [];
    /** Usages and reports whose terms cannot be read. @type {Reason[]} */
    this.hidden = [];
    /** @type {Reason | null} */
    this.unsplit = null;
    this.least = this.most = new Ledger([], [], SCALE, []);
    /** @type {Map<string, Claim>} */
    this.usages = new Map();
    /** @type {Map<bigint, Claim>} what the consent itself owes, by when it arose */
    this.own = new Map();
    /** @type {Map<string, import("./events.js").StopsOfUses>} by consent */
    this.stops = new Map();
    this.open();
  }

  open() {
    const { context, id } = this, [consent, { standing, code }] = context.named(`consent:${id}`, id);
    if (!holds(consent, "consent")) {
      this.blockedBy.push(reason("M1", code));
      return;
    }
    this.consent = consent;
    if (standing === "doubtful") this.blockedBy.push(reason("M1", code, [consent.index]));
    const terms = /** @type {import("../../statements/sections.js").UseTerms | import("../../statements/sections.js").CreateTerms | Unread} */ (context.section(consent, "terms"));
    const shown = context.record.rows(`account:${id}`) !== null;
    try {
      const money = context.section(consent, "money");
      if (money instanceof Unread) throw new CannotTell("M1", money.code, money.entries);
      this.money = /** @type {ConsentMoney} */ (money);
      // What came is known whether it is known what is due or not (M5 warns of it).
      if (shown) this.account = new Account(context, consent, this.money.currency);
      checkMoney(this.money, consent.statement.act, terms instanceof Unread ? null : terms);
      if (consent.statement.act === "use") this.openUses(consent, this.money);
      this.arising = new Arising(context, consent, this.money);
      this.schedule = new Schedule(this.money.fees, this.arising.scale);
    } catch (error) {
      this.block(error);
    }
    if (this.money && terms instanceof Unread) this.usagesBlockedBy.push(reason("M1", terms.code, terms.entries)); // caps, notice and sell-off bear on what is due
    if (!this.schedule || !this.money || !this.arising) return;
    this.fold(consent, this.money, this.schedule, this.arising);
    if (!shown) this.blockedBy.push(reason("M4", "list_missing"));
  }

  /** @param {unknown} error */
  block(error) {
    if (!(error instanceof CannotTell)) throw error;
    this.blockedBy.push(error.reason);
    this.schedule = null;
  }

  /** @param {ConsentEntry} consent @param {ConsentMoney} money */
  openUses(consent, { fees }) {
    for (const one of countsOverTheConsent(fees) ? chainOf(this.context, consent) : [consent]) {
      const { id } = one.statement;
      if (!this.context.record.rows(`uses:${id}`)) throw new CannotTell("M1", "list_missing");
      this.stops.set(id, countsTime(fees) ? stopsOfUses(this.context, one) : { before: [], after: [], replaced: null });
    }
  }

  /**
   * Read every usage and report, and make the ledgers: one, unless the least and the most that is due may part.
   * @param {ConsentEntry} consent @param {ConsentMoney} money @param {Schedule} schedule @param {Arising} arising
   */
  fold(consent, money, schedule, arising) {
    /** @type {{posting: Posting, least: boolean, most: boolean}[]} */
    const postings = arising.lines.map((line) => ({ posting: this.posting(money, line), least: line.least, most: line.most }));
    const parted = postings.some((one) => !one.least || !one.most) || arising.released.some(({ sure }) => !sure);
    let clock = -FOREVER; // log order is the only order, whatever seals say (T1)
    for (const [entry, { standing, code }] of this.context.listedTogether([...this.stops.keys()].map((id) => `uses:${id}`), "usage", "report")) {
      if (standing === "doubtful") this.blockedBy.push(reason("M1", code, [entry.index])); // what it owes stays due (A20), but nothing can be told (M4)
      const { consent: under } = entry.statement, stops = this.stops.get(under);
      if (!stops) continue;
      let earned;
      try {
        earned = schedule.add(readEvent(this.context, entry, under === this.id, stops));
      } catch (error) {
        if (!(error instanceof CannotTell)) throw error;
        this.hidden.push(error.reason);
        continue;
      }
      if (!earned) continue;
      clock = most(clock, earned.logged);
      for (const fee of earned.begins) {
        const line = { at: clock, claimAt: clock, index: earned.index, fee, exact: arising.scale * (fee.amount ?? 0n), least: true, most: true, period: -1 };
        postings.push({ posting: this.posting(money, line), ...arising.counts(fee, earned.logged) });
      }
      postings.push({ posting: this.earned(money, schedule, arising, earned, clock), least: true, most: true });
    }
    if (money.due.from === "ends") for (const { posting } of postings) if (!posting.claim.ofConsent) posting.dueAt = this.dueAt(money, schedule.run(posting.claim.id), 0n);
    const arisen = postings.filter(({ posting: { claim, at } }) => !claim.ofConsent || at <= this.context.instant);
    /** @type {import("./splits.js").Leg[]} */
    let legs = [];
    /** @type {bigint[]} */
    let parts = [];
    try {
      const splits = this.splits(consent, money);
      parts = splits.map((split) => split.parts);
      legs = legsOf(splits, consent.statement.parties?.agency);
    } catch (error) {
      if (!(error instanceof CannotTell)) throw error;
      this.unsplit = error.reason;
    }
    const reading = (/** @type {"least" | "most"} */ which) =>
      new Ledger(legs, parts, arising.scale, arisen.filter((one) => one[which] || (!parted && one.most)).map(({ posting }) => posting));
    this.least = this.most = reading("least");
    if (parted) this.most = reading("most");
  }

  /** A line of the consent: it falls due so many days after it arose. @param {ConsentMoney} money @param {FlatLine} line @returns {Posting} */
  posting(money, { at, claimAt, index, fee, exact, period }) {
    let claim = this.own.get(claimAt);
    if (!claim) this.own.set(claimAt, claim = { id: this.id, at: claimAt, ofConsent: true });
    return {
      at, place: exact < 0n ? 1 : 0, entry: index, dueAt: at + (fee.due_days ?? money.due.days) * DAY, claim, flat: fee.recoup ? 0n : exact,
      advance: fee.recoup === "all" ? exact : 0n, held: fee.recoup === "period" ? exact : 0n, earned: 0n, period,
      first: fee.owed === undefined || fee.owed === "signed" || fee.owed === "use",
    };
  }

  /** What an entry earned for its usage. @param {ConsentMoney} money @param {Schedule} schedule @param {Arising} arising @param {import("./schedule.js").Earned} earned @param {bigint} at @returns {Posting} */
  earned(money, schedule, arising, { index, logged, usage, exact }, at) {
    const run = schedule.run(usage);
    let claim = this.usages.get(usage);
    if (!claim) this.usages.set(usage, claim = { id: usage, at: run.logged, ofConsent: false });
    const period = arising.periods.length ? periodOf(arising.periods, run.logged) : -1;
    return {
      at, place: 2, entry: index, dueAt: this.dueAt(money, run, logged), claim, flat: 0n, advance: 0n, held: 0n, earned: exact, period, first: false,
    };
  }

  /** When what an entry that was logged then made due for a usage falls due. @param {ConsentMoney} money @param {import("./units.js").UsageRun} run @param {bigint} logged */
  dueAt({ due }, run, logged) {
    return { declared: logged, starts: run.starts, ends: least(run.declared, run.closes) }[due.from] + due.days * DAY;
  }

  /** The splits in the order of their payees' ids, once they are known to fit the header (M2) and the agency (M3). @param {ConsentEntry} consent @param {ConsentMoney} money */
  splits({ index, statement }, money) {
    const splits = [...money.splits].sort((a, b) => (a.payee < b.payee ? -1 : 1)), { agency, payees = [] } = statement.parties ?? {};
    if (splits.map(({ payee }) => payee).join() !== payees.join() || new Set(payees).size !== splits.length) throw new CannotTell("M2", "split_mismatch", [index]);
    if (splits.every(({ via }) => via === undefined)) return splits;
    const { under } = statement;
    if (under === undefined) throw new CannotTell("M3", "bad_terms", [index]);
    const [mandate, { standing, code, entries }] = this.context.named(`mandate:${under}`, under, index);
    if (standing === "doubtful") throw new CannotTell("M3", code, entries);
    const collects = holds(mandate, "mandate") && mandate.statement.powers.includes("collect");
    const misdirected = splits.some(({ via, payee }) => via !== undefined && (via !== agency || payee === agency));
    if (!collects || misdirected) throw new CannotTell("M3", "bad_terms", [index]);
    return splits;
  }

  /** Whether it is known what is due at all. */
  get isReadable() {
    return this.schedule !== null && !this.hidden.length;
  }

  /** Why nothing can be told of the consent, in the order of the codes. @returns {Reason[]} */
  get blocked() {
    return this.recall("blocked", () => {
      const reasons = this.blockedBy, [hidden] = gather(this.hidden);
      if (hidden) return gather([hidden, ...reasons.filter(({ rule }) => rule !== "M4")]); // what else is known is no use then
      return gather([...reasons, ...(this.unsplit ? [this.unsplit] : [])]);
    });
  }

  /** Why nothing can be told of what usages earned, though something can of the consent's own lines. */
  get usagesBlocked() {
    return gather([...this.usagesBlockedBy, ...(this.schedule?.doubts ?? [])]);
  }

  /** Why there may be lines of the consent of which nothing can be told. */
  get consentBlocked() {
    return gather(this.arising?.hidden ?? []);
  }

  /** What the consent itself owes, in order. */
  get consentClaims() {
    return this.dues.names.get(this.id) ?? [];
  }

  /** The indices that a claim's due rests on. @param {Claim} claim */
  entries(claim) {
    return rising([this.least, this.most].flatMap((ledger) => ledger.entries.get(claim) ?? []));
  }

  /** Whether a session that starts then waits for anything of a claim of the consent (A18), whatever it comes to. @param {Claim} claim @param {bigint} start */
  comesFirst(claim, start) {
    const { money } = this, lines = (this.arising?.lines ?? []).filter(({ claimAt }) => claimAt === claim.at);
    const known = money ? lines.map((line) => this.posting(money, line)) : [];
    if (!known.length || known.some(({ first, dueAt }) => first || dueAt < start)) return true;
    return this.legs.some((one) => one.lines(claim).some(({ first }) => first));
  }

  /** From when on anything of a claim of the consent may have fallen due, whatever it comes to. @param {Claim} claim */
  fallsDue(claim) {
    const { money } = this, own = (this.arising?.lines ?? []).filter(({ claimAt }) => claimAt === claim.at);
    const dates = money && claim.ofConsent ? own.map((line) => this.posting(money, line).dueAt) : [];
    if (claim.ofConsent) dates.push(...this.legs.flatMap((one) => one.lines(claim).flatMap(({ dueAt }) => dueAt ?? [])));
    return least(dates[0] ?? 0n, ...dates);
  }

  /** Why the least and the most differ for a claim on a leg. @param {LegBook} one @param {Claim} claim */
  whyUntold(one, claim) {
    const [first] = one.open.keys();
    const silent = [claim, ...(first && first !== claim && one.sure.comesBefore(first, claim) ? [first] : [])];
    const found = [...one.reasons, ...(this.arising?.doubts ?? []), ...silent.flatMap((each) => this.openReason(each))];
    if (found.length) return found;
    return [reason("M5", "amounts_differ", rising([one, ...one.passed].flatMap(({ side }) => apart(side))))]; // the words differ in their dates alone
  }

  /** @param {Claim} claim @returns {Reason[]} */
  openReason(claim) {
    const { lost, open } = this.dues, gone = lost.get(claim), found = open.get(claim);
    return gone ? [gone] : found ? [reason("M1", found.code, this.entries(claim))] : [];
  }

  /** @template T @param {string} name @param {() => T} workOut */
  recall(name, workOut) {
    return this.context.recall(`book ${this.id} ${name}`, workOut);
  }

  /** What came, by payee. */
  get sides() {
    return this.account?.sides ?? new Map();
  }

  /** Entries of money that surely came and fills nothing, to payees of the consent or to others. */
  get overpaid() {
    const { legs } = this, owed = new Set(legs.map(({ leg }) => leg.payee));
    const left = legs.flatMap((one) => one.sure.left.map(({ inflow }) => inflow));
    const strange = legs.length ? [...this.sides].filter(([payee]) => !owed.has(payee)).flatMap(([, side]) => side.least) : [];
    return rising([...left, ...strange].filter(({ credit }) => !credit).flatMap(({ entries }) => entries));
  }

  /** The legs, by payee and kind, filled; none while it is not known what is due on them. What goes through the agency is filled first. @returns {LegBook[]} */
  get legs() {
    return this.recall("legs", () => {
      if (!this.isReadable || this.unsplit) return [];
      /** @type {Map<import("./claims.js").Debt, LegBook>} */
      const found = new Map();
      const fill = (/** @type {import("./splits.js").LegKind} */ kind, /** @type {LegBook[]} */ passed) => this.least.debts.flatMap((debt, place) => {
        if (debt.leg.kind !== kind) return [];
        const one = new LegBook(debt, this.most.debts[place] ?? debt, this.sides.get(debt.leg.payee) ?? NO_SIDE, this.dues, passed);
        found.set(debt, one);
        return [one];
      });
      fill("direct", []);
      const passed = fill("from_agency", []), [toAgency] = fill("to_agency", passed);
      for (const one of passed) one.after = toAgency ?? null;
      return this.least.debts.flatMap((debt) => found.get(debt) ?? []);
    });
  }

  /** The claims by what money may name them, and those of which the most, or nothing, can be told. @returns {Dues} */
  get dues() {
    return this.recall("dues", () => {
      /** @type {Map<string, Claim[]>} */
      const names = new Map();
      /** @type {Map<Claim, Open>} */
      const open = new Map();
      const lost = new Map([...this.least.lost, ...this.most.lost]), [blocked] = this.usagesBlocked;
      const advances = new Map([...this.least.advances, ...this.most.advances]), periods = this.arising?.periods ?? [];
      /** The first that is open, by its period; -1: of all. @type {Map<number, Claim>} */
      const before = new Map();
      let used = false;
      for (const claim of this.most.entries.keys()) {
        const list = names.get(claim.id);
        if (list) list.push(claim);
        else names.set(claim.id, [claim]);
        const code = claim.ofConsent ? null : this.schedule?.open(claim.id) ?? null;
        used ||= !claim.ofConsent;
        if (code) {
          open.set(claim, { code, dueAt: this.openDueAt(claim, code) });
          for (const period of [-1, periodOf(periods, claim.at)]) if (!before.has(period)) before.set(period, claim);
        } else {
          const [first] = [...(advances.get(claim) ?? [])].flatMap((period) => before.get(period) ?? []);
          if (first && !lost.has(claim)) lost.set(claim, reason("M1", open.get(first)?.code ?? "not_reported", this.entries(first)));
        }
        if (blocked && !claim.ofConsent) open.set(claim, { code: blocked.code, dueAt: null });
        else if (blocked && used) lost.set(claim, blocked);
      }
      return { consent: this.id, names, open, lost };
    });
  }

  /** From when on what nobody has reported has fallen due: as what the usage's own entry made due. @param {Claim} claim @param {string} code */
  openDueAt(claim, code) {
    if (code === "bad_terms" || !this.schedule || !this.money) return null;
    const run = this.schedule.run(claim.id);
    return this.dueAt(this.money, run, run.logged);
  }
}

/**
 * What fills what: money that came, and the claims that it pays (M3, M4, M6). Each leg is filled on its own, claim by claim
 * in the order in which they arose, the oldest money first; money that names claims goes there first.
 */

import { DAY, floorDivide, MAX_INSTANT } from "../../base/instant.js";
import { least as smaller } from "../model/results.js";
import { sum } from "./amounts.js";

/**
 * A usage, or what its consent owes from an instant on; `id` is what money names it by. Compared by identity.
 * @typedef {{id: string, at: bigint, ofConsent: boolean}} Claim
 */
/**
 * Money that came at one time; `lines` name what they are for and are within `amount` (null: no upper bound), the rest is
 * free. `licensee`: a licensee paid it. `credit`: the payee let it off. The first of `entries` settles the order.
 * @typedef {{at: bigint, amount: bigint | null, lines: import("./amounts.js").Lines, entries: readonly number[], licensee: boolean, credit: boolean}} Inflow
 */
/** Some of an inflow that went to one claim. @typedef {{amount: bigint, inflow: Inflow}} Part */
/**
 * A line of one payee's and claim's due. `dueAt` null: it has not fallen due yet, or never does; then it counts as fallen
 * due from `countsAt` on. `first`: a session waits for it (A18).
 * @typedef {{index: number, logged: bigint, amount: bigint, dueAt: bigint | null, countsAt: bigint | null, first: boolean}} DueLine
 */
/** A due line and when it was filled; null while it is not. @typedef {{line: DueLine, filledAt: bigint | null}} Settled */

/** Days in which an agency passes on what it received in full (M3). */
export const PASS_ON_DAYS = 45n;

/** Stands for a sum without a bound: more than all that an evidence file can hold. */
const ENDLESS = 1n << 100n;

/** @param {bigint} amount @param {bigint} taken */
const less = (amount, taken) => (amount >= ENDLESS ? amount : amount - taken);
/** @param {bigint} amount */
const atLeastNothing = (amount) => (amount > 0n ? amount : 0n);

/** The first place whose value is above (or, `equal`, not below) a sum. @param {readonly bigint[]} rising @param {bigint} value @param {boolean} equal */
function placeOf(rising, value, equal) {
  let low = 0, high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1, one = /** @type {bigint} */ (rising[middle]);
    if (one > value || (equal && one === value)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @param {readonly number[]} one @param {readonly number[]} other */
export function compareEntries(one, other) {
  const place = one.findIndex((entry, i) => entry !== other[i]);
  return place < 0 ? one.length - other.length : place >= other.length ? 1 : Number(one[place]) - Number(other[place]);
}

/** The oldest first; of the same second, in the order of the first entries that show them. @param {Iterable<Inflow>} inflows */
export function byTime(inflows) {
  return [...inflows].sort((a, b) => (a.at === b.at ? compareEntries(a.entries, b.entries) : a.at < b.at ? -1 : 1));
}

/**
 * Which parts of which inflows fill each claim. First the inflows that name claims; then what is free of all, laid end to
 * end in the order of time, meets what is short of all claims, laid end to end in the order in which they arose.
 */
export class Allocation {
  /**
   * @param {ReadonlyMap<Claim, bigint | null>} dues in the order in which they arose, none below 0; null takes all that there is
   * @param {readonly Inflow[]} inflows in order of time
   * @param {ReadonlyMap<string, readonly Claim[]>} names the claims that a name in `lines` stands for, in order
   * @param {string} waits what this names and does not need yet fills nothing else (M4)
   */
  constructor(dues, inflows, names, waits) {
    /** @type {Map<Claim, bigint>} what is missing of each claim once named money is given out */
    this.missing = new Map([...dues].map(([claim, due]) => [claim, due ?? ENDLESS]));
    this.dues = [...this.missing.values()];
    /** @type {Map<Claim, Part[]>} */
    this.named = new Map();
    /** @type {Inflow[]} */
    this.pool = [];
    /** @type {{inflow: Inflow, named: [Claim, bigint][], left: bigint}[]} */
    this.came = [];
    /** @type {Part[]} */
    this.waiting = [];
    /** @type {Part[][] | null} */
    this.arrived = null;
    this.places = new Map([...this.missing.keys()].map((claim, place) => [claim, place]));
    /** @type {bigint[]} */
    this.freeTo = [];
    this.free = 0n;
    for (const inflow of inflows) this.take(inflow, names, waits);
    let reached = 0n;
    this.missingTo = [...this.missing.values()].map((amount) => (reached += amount));
  }

  /** @param {Inflow} inflow @param {ReadonlyMap<string, readonly Claim[]>} names @param {string} waits */
  take(inflow, names, waits) {
    /** @type {[Claim, bigint][]} */
    const named = [];
    let left = inflow.amount ?? ENDLESS;
    for (const [name, wanted] of inflow.lines) {
      let meant = smaller(left, wanted);
      for (const claim of names.get(name) ?? []) {
        const missing = this.missing.get(claim) ?? 0n, amount = smaller(meant, missing);
        if (!amount) continue;
        named.push([claim, amount]);
        this.named.set(claim, [...(this.named.get(claim) ?? []), { amount, inflow }]);
        this.missing.set(claim, less(missing, amount));
        meant -= amount;
        left = less(left, amount);
      }
      if (name === waits && meant) {
        this.waiting.push({ amount: meant, inflow });
        left = less(left, meant);
      }
    }
    this.came.push({ inflow, named, left });
    if (!left) return;
    this.pool.push(inflow);
    this.freeTo.push(this.free += left);
  }

  /** @param {Claim} claim */
  place(claim) {
    return /** @type {number} */ (this.places.get(claim));
  }

  /** What is short of a claim after named money, and where along all that is short it ends. @param {Claim} claim */
  span(claim) {
    return { own: this.missing.get(claim) ?? 0n, end: this.missingTo[this.place(claim)] ?? 0n };
  }

  /** What fills a claim, named parts first, each kind in order of time. @param {Claim} claim @returns {Part[]} */
  parts(claim) {
    const { own, end } = this.span(claim);
    return [...(this.named.get(claim) ?? []), ...this.between(end - own, smaller(end, this.free))];
  }

  /**
   * When a claim came to have what it has, by the money that had come by then: what comes later and names a claim leaves
   * what was free to others, and moves no date.
   * @param {Claim} claim
   */
  arrivals(claim) {
    if (!this.named.size || !this.pool.length) return this.parts(claim);
    this.arrived ??= this.arrive();
    return this.arrived[this.place(claim)] ?? [];
  }

  /** @param {Claim} claim */
  isFull(claim) {
    const { own, end } = this.span(claim);
    return own === 0n || end <= this.free;
  }

  /** @param {Claim} claim */
  received(claim) {
    const { own, end } = this.span(claim);
    return sum((this.named.get(claim) ?? []).map(({ amount }) => amount)) + atLeastNothing(smaller(end, this.free) - (end - own));
  }

  /** Whether money fills one claim before another. @param {Claim} one @param {Claim} other */
  comesBefore(one, other) {
    return this.place(one) < this.place(other);
  }

  /** When the last of a claim's due came; null while it is not full, 0 where nothing is due. @param {Claim} claim */
  fullAt(claim) {
    if (!this.isFull(claim)) return null;
    return this.arrivals(claim).reduce((last, { inflow }) => (inflow.at > last ? inflow.at : last), 0n);
  }

  /** What is over once everything is filled, of money that has a bound. */
  get left() {
    return [...this.waiting, ...this.between(this.missingTo.at(-1) ?? 0n, this.free)].filter(({ inflow }) => inflow.amount !== null);
  }

  /** Every claim's arrivals, by its place: inflow by inflow. */
  arrive() {
    /** @type {Part[][]} */
    const found = this.dues.map(() => []);
    const had = this.dues.map(() => 0n), named = this.dues.map(() => 0n);
    let first = 0, free = 0n, before = 0n; // the first claim that is not full, and what free money the ones before it took
    const raise = (/** @type {number} */ place, /** @type {bigint} */ amount, /** @type {Inflow} */ inflow) => {
      const more = amount - (had[place] ?? 0n);
      if (more <= 0n) return;
      found[place]?.push({ amount: more, inflow });
      had[place] = amount;
    };
    for (const { inflow, named: lines, left } of this.came) {
      free += left;
      for (const [claim, amount] of lines) {
        const place = this.place(claim), now = (named[place] ?? 0n) + amount;
        named[place] = now;
        if (place < first) before -= amount;
        else if (place > first) raise(place, now, inflow);
      }
      while (first < this.dues.length) {
        const own = named[first] ?? 0n, missing = less(this.dues[first] ?? 0n, own);
        raise(first, own + smaller(missing, free - before), inflow);
        if (free - before < missing) break;
        before += missing;
        first++;
      }
    }
    return found;
  }

  /** The parts of the free money from one sum to another along its length. @param {bigint} start @param {bigint} end @returns {Part[]} */
  between(start, end) {
    /** @type {Part[]} */
    const found = [];
    for (let place = placeOf(this.freeTo, start, false), from = start; from < end; place++) {
      const reach = smaller(this.freeTo[place] ?? end, end);
      found.push({ amount: reach - from, inflow: /** @type {Inflow} */ (this.pool[place]) });
      from = reach;
    }
    return found;
  }
}

/** The lines of one claim with every negative one cancelling the latest before it (M6). @param {readonly DueLine[]} lines */
export function netOf(lines) {
  /** @type {DueLine[]} */
  const found = [];
  for (const line of lines) {
    let { amount } = line;
    while (amount < 0n) {
      const last = found.at(-1);
      if (!last || last.amount <= 0n) break;
      found.pop();
      amount += last.amount;
      if (amount > 0n) {
        found.push({ ...last, amount });
        amount = 0n;
      }
    }
    if (amount) found.push({ ...line, amount });
  }
  return found;
}

/** Net lines in the order in which they fall due, which is that in which a claim's money fills them. @param {readonly DueLine[]} lines */
export function byDue(lines) {
  return [...lines].sort((a, b) => Number(a.dueAt === null) - Number(b.dueAt === null) || ((a.dueAt ?? 0n) < (b.dueAt ?? 0n) ? -1 : (a.dueAt ?? 0n) > (b.dueAt ?? 0n) ? 1 : 0));
}

/** When each of a claim's net lines was filled, by its arrivals. @param {readonly DueLine[]} lines @param {readonly Part[]} parts @returns {Settled[]} */
export function settle(lines, parts) {
  const arrived = [...parts].sort(({ inflow: a }, { inflow: b }) => (a.at === b.at ? compareEntries(a.entries, b.entries) : a.at < b.at ? -1 : 1));
  let place = 0, reached = 0n, needed = 0n;
  return lines.map((line) => {
    needed += line.amount;
    while (reached < needed && place < arrived.length) reached += arrived[place++]?.amount ?? 0n;
    if (reached < needed) return { line, filledAt: null };
    return { line, filledAt: arrived[place - 1]?.inflow.at ?? line.logged };
  });
}

/** Days begun after the due date (T5). @param {bigint | null} dueAt @param {bigint} until */
export function daysLate(dueAt, until) {
  return dueAt === null || until <= dueAt ? 0n : -floorDivide(dueAt - until, DAY);
}

/** null past the last instant that can be written, which is as good as never. @param {bigint} instant @param {bigint} days */
export function daysAfter(instant, days) {
  const due = instant + days * DAY;
  return due <= MAX_INSTANT ? due : null;
}

/** How much of a line of days or months is covered by intervals that come and go (A11; M1, fees with `once`). */

/** The line has 2^22 places: more than the days of the years 1970 to 9999. */
const DEPTH = 22;

/**
 * Counts the places that at least one interval covers. A tree of halves, made only where an interval ends: thousands of
 * years cost no more than a day.
 */
export class IntervalSet {
  constructor() {
    /** @type {Map<number, number>} node -> how many intervals cover all of it and not all of the one above */
    this.whole = new Map();
    /** @type {Map<number, number>} node -> places below it that are covered */
    this.covered = new Map();
  }

  get places() {
    return this.covered.get(1) ?? 0;
  }

  /** Lay an interval [start, end) on the line, or with `by` -1 take it away. @param {number} start @param {number} end @param {1 | -1} [by] */
  add(start, end, by = 1) {
    if (start < end) this.change(1, 0, 2 ** DEPTH, start, end, by);
  }

  /** How many places of [start, end) no interval covers. @param {number} start @param {number} end */
  missing(start, end) {
    return Math.max(0, end - start) - this.inside(1, 0, 2 ** DEPTH, start, end);
  }

  /** @param {number} node @param {number} low @param {number} high @param {number} start @param {number} end @returns {number} */
  inside(node, low, high, start, end) {
    const a = Math.max(start, low), b = Math.min(end, high);
    if (a >= b || !this.covered.get(node)) return 0;
    if (this.whole.get(node)) return b - a;
    const middle = (low + high) / 2;
    return this.inside(2 * node, low, middle, a, b) + this.inside(2 * node + 1, middle, high, a, b);
  }

  /** @param {number} node @param {number} low @param {number} high @param {number} start @param {number} end @param {number} by */
  change(node, low, high, start, end, by) {
    if (start <= low && high <= end) {
      this.whole.set(node, (this.whole.get(node) ?? 0) + by);
    } else {
      const middle = (low + high) / 2;
      if (start < middle) this.change(2 * node, low, middle, start, end, by);
      if (end > middle) this.change(2 * node + 1, middle, high, start, end, by);
    }
    const below = (this.covered.get(2 * node) ?? 0) + (this.covered.get(2 * node + 1) ?? 0);
    this.covered.set(node, this.whole.get(node) ? high - low : below);
  }
}

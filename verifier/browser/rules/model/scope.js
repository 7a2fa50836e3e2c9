/** Scopes: categories, channels and countries, and when two of them meet (A7, A8, A9, A16). */

import { ancestors, CATEGORIES } from "../../statements/categories.js";
import { CHANNELS, COUNTRIES, ONLINE_CHANNELS } from "../../statements/vocabulary.js";

/**
 * @typedef {import("../../statements/sections.js").UsageTerms} UsageTerms
 * @typedef {import("../../statements/sections.js").UseTerms} UseTerms
 * @typedef {import("../../statements/sections.js").Exclusive} Exclusive
 * @typedef {{categories: readonly string[], channels: ReadonlySet<string>, territory: Territory}} Scope
 */

/** @template T @param {Iterable<T>} items @param {ReadonlySet<T>} set */
export const isWithin = (items, set) => [...items].every((item) => set.has(item));
/** @template T @param {Iterable<T>} items @param {ReadonlySet<T>} set */
export const touches = (items, set) => [...items].some((item) => set.has(item));

/** A set of countries: those listed (null: the whole world) less those excluded. */
export class Territory {
  /** @param {ReadonlySet<string> | null} listed @param {ReadonlySet<string>} [excluded] */
  constructor(listed, excluded = new Set()) {
    this.listed = listed;
    this.excluded = excluded;
  }

  /** @param {string} country */
  holds(country) {
    return (!this.listed || this.listed.has(country)) && !this.excluded.has(country);
  }

  /** Whether all of the other lies in it. @param {Territory} other */
  contains(other) {
    if (other.listed) return [...other.listed].every((country) => other.excluded.has(country) || this.holds(country));
    return !this.listed && isWithin(this.excluded, other.excluded);
  }

  /** Whether the two have a country in common. @param {Territory} other */
  meets(other) {
    const listed = this.listed ?? other.listed;
    return !listed || [...listed].some((country) => this.holds(country) && other.holds(country));
  }

  /** @param {Territory} other */
  equals(other) {
    const same = (/** @type {ReadonlySet<string> | null} */ a, /** @type {ReadonlySet<string> | null} */ b) =>
      a === null || b === null ? a === b : a.size === b.size && isWithin(a, b);
    return same(this.listed, other.listed) && same(this.excluded, other.excluded);
  }
}

/** null where a code is unknown or WORLD stands among others. @param {Iterable<string>} countries @param {Iterable<string>} [excluded] */
export function territoryOf(countries, excluded = []) {
  const listed = new Set(countries), out = new Set(excluded);
  if (!isWithin(out, COUNTRIES)) return null;
  if (listed.size === 1 && listed.has("WORLD")) return new Territory(null, out);
  return isWithin(listed, COUNTRIES) ? new Territory(listed, out) : null;
}

/** The set of those codes that are known, WORLD among them; null where none is. @param {Iterable<string>} countries */
export function territoryOfKnown(countries) {
  const listed = new Set(countries);
  if (listed.has("WORLD")) return new Territory(null);
  const known = new Set([...listed].filter((country) => COUNTRIES.has(country)));
  return known.size ? new Territory(known) : null;
}

/** Whether every code is in the taxonomy, or the only one is `all`. @param {readonly string[]} codes */
export function categoriesKnown(codes) {
  return (codes.length === 1 && codes[0] === "all") || codes.every((code) => CATEGORIES.has(code));
}

/** Whether a category or one above it is allowed. @param {string} code @param {readonly string[]} allowed */
export function categoryWithin(code, allowed) {
  if (allowed.includes("all") || allowed.includes(code)) return true;
  return code !== "all" && ancestors(code).some((above) => allowed.includes(above));
}

/** Whether some category of one is equal to, above or below some category of the other. @param {readonly string[]} one @param {readonly string[]} other */
export function categoriesMeet(one, other) {
  return one.some((code) => categoryWithin(code, other)) || other.some((code) => categoryWithin(code, one));
}

/** @param {Scope} one @param {Scope} other */
export function scopesMeet(one, other) {
  return touches(one.channels, other.channels) && one.territory.meets(other.territory) && categoriesMeet(one.categories, other.categories);
}

/** @param {Scope} one @param {Scope} other */
export function sameScope(one, other) {
  return one.categories.join() === other.categories.join() && one.channels.size === other.channels.size
    && isWithin(one.channels, other.channels) && one.territory.equals(other.territory);
}

/** @param {readonly string[]} categories @param {readonly string[]} channels @param {Territory | null} where @returns {Scope | null} */
function scope(categories, channels, where) {
  if (!where || !categoriesKnown(categories) || !isWithin(channels, CHANNELS)) return null;
  return { categories, channels: new Set(channels), territory: where };
}

/** null where it uses a code that is not known. @param {Exclusive | UseTerms} section */
export function scopeOf(section) {
  return scope(section.categories, section.channels, territoryOf(section.countries, section.countries_excluded));
}

/** @param {UsageTerms} use */
export function scopeOfUse(use) {
  return scope([use.category], use.channels, useTerritory(use));
}

/**
 * The countries that a use reaches: an online channel that is not targeted reaches the whole world (A9). null where a
 * code is not known: an unknown channel may be such a one.
 * @param {UsageTerms} use
 */
export function useTerritory(use) {
  if (!isWithin(use.channels, CHANNELS)) return null;
  const declared = territoryOf(use.countries);
  return declared && !use.targeted && touches(use.channels, ONLINE_CHANNELS) ? new Territory(null) : declared;
}

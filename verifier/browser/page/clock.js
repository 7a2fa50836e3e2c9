/** What this device says the time is, and how far its place is ahead of UTC. Nothing else here reads a clock. */

/** @returns {bigint} POSIX seconds */
export function now() {
  return BigInt(Math.floor(Date.now() / 1000));
}

/** What a server's `Date` says (RFC 9110); null where it is none. @param {string | null} text @returns {bigint | null} POSIX seconds */
export function httpInstant(text) {
  const read = text === null ? NaN : Date.parse(text);
  return Number.isNaN(read) ? null : BigInt(Math.floor(read / 1000));
}

/**
 * The zone that this device is set to, as it is today: one offset for every instant, which is named with each.
 * @returns {import("../words/catalogue.js").Zone}
 */
export function zone() {
  const minutes = -new Date().getTimezoneOffset(), rest = Math.abs(minutes) % 60, hours = Math.floor(Math.abs(minutes) / 60);
  const name = minutes ? `UTC${minutes < 0 ? "-" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}` : "UTC";
  return { offset: BigInt(minutes) * 60n, name };
}

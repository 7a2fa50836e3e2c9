/** What this device says the time is. Nothing else here reads a clock. */

/** @returns {bigint} POSIX seconds */
export function now() {
  return BigInt(Math.floor(Date.now() / 1000));
}

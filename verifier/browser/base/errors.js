/** Errors about what came from outside. */

/** Bytes or text that break a form; `where` is a path into what was read, for people. */
export class Malformed extends Error {
  /** @param {string} message @param {string} [where] */
  constructor(message, where = "") {
    super(message);
    this.where = where;
  }

  /**
   * The same error, seen from further out.
   * @param {string} place
   */
  at(place) {
    const rest = this.where;
    return new Malformed(this.message, !rest ? place : rest.startsWith("[") ? place + rest : place + "." + rest);
  }
}

/**
 * What `read` returns; what is malformed in it is said to be at `place`.
 * @template T
 * @param {string} place
 * @param {() => T} read
 * @returns {T}
 */
export function within(place, read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof Malformed ? error.at(place) : error;
  }
}

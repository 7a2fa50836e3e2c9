/** What this device keeps of keys (IndexedDB): public facts, and a copy only as a passphrase locks it. Never a seed. */

import { formatInstant } from "../base/instant.js";
import { now } from "../page/clock.js";

/**
 * @typedef {{credential: string, locker: string, made: string}} PasskeyCopy `credential` its id in base64url, empty where it was made on another device; `locker` its address
 * @typedef {{public: string, genesis: string, registry: string, party: string | null, name: string, made: string,
 *   locked: string | null, file: boolean, sheet: boolean, passkeys: PasskeyCopy[]}} KeptKey
 *   `locked`: this device's copy, a key file; `file`: one was saved elsewhere; `sheet`: the recovery sheet was printed
 */

const NAME = "kembar", STORE = "keys";

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "public" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>} what came of it once it is on disk */
async function within(mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<KeptKey[]>} none where the browser keeps nothing, as in a private window */
export async function keptKeys() {
  try {
    return await within("readonly", (store) => store.getAll());
  } catch {
    return [];
  }
}

/** @param {KeptKey} key */
export async function keep(key) {
  await within("readwrite", (store) => store.put(key));
}

/** @param {string} publicKey */
export async function drop(publicKey) {
  await within("readwrite", (store) => store.delete(publicKey));
}

/** How many copies of the seed there are, as far as this device knows. @param {KeptKey} key */
export function copies({ locked, file, passkeys }) {
  return (locked === null ? 0 : 1) + (file ? 1 : 0) + passkeys.length;
}

/** What this device knows of a key that it was not told of before. @param {import("./act.js").Place} act @param {string} publicKey @returns {KeptKey} */
export function freshKey({ genesis, registry, party }, publicKey) {
  return {
    public: publicKey, genesis, registry, party: party ?? null, name: "", made: formatInstant(now()), locked: null, file: false, sheet: false, passkeys: [],
  };
}

/** The page's side of the worker: a worker for each question, which holds its memory no longer than it needs. */

import { scriptUrl } from "../page/trusted.js";

/** This device has not the memory, or lets no page have it. */
export class CannotDerive extends Error {}

/** @param {string} script the text of the page's own script @returns {import("./key_file.js").Derive} */
export function deriver(script) {
  return (asked) => new Promise((resolve, reject) => {
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const worker = new Worker(scriptUrl(url));
    URL.revokeObjectURL(url);
    const end = (/** @type {() => void} */ how) => {
      worker.terminate();
      how();
    };
    worker.onmessage = ({ data }) => end(() => ("key" in data ? resolve(data.key) : reject(new CannotDerive(data.failed))));
    worker.onerror = (event) => {
      event.preventDefault();
      end(() => reject(new CannotDerive(event.message)));
    };
    worker.postMessage(asked);
  });
}

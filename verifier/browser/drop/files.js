/** Files that are dropped or chosen on a page, and their SHA-256: worked out here, a piece at a time, and never sent. */

import { toHex } from "../base/bytes.js";
import { sha256InPieces } from "../base/crypto.js";

/** @param {File} given */
export async function digestOf(given) {
  const hash = sha256InPieces(), reader = given.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return toHex(hash.digest());
    hash.update(value);
  }
}

/**
 * Shows a drop zone, and gives what is dropped there or chosen; beside it a file that is dropped does nothing.
 *
 * @param {HTMLElement} zone
 * @param {HTMLInputElement} input
 * @param {(files: File[]) => void} take
 */
export function dropZone(zone, input, take) {
  /** @param {FileList | null | undefined} files */
  const given = (files) => {
    if (files?.length) take([...files]);
  };
  input.addEventListener("change", () => {
    given(input.files);
    input.value = ""; // so that the same file can be chosen again
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    given(event.dataTransfer?.files);
  });
  for (const name of ["dragover", "dragenter"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
  zone.hidden = false;
}

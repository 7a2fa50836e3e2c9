/**
 * The script of the page that declares uses: hashes the files that are dropped, and puts the hashes into the form. Files and
 * their names stay here.
 */

import { digestOf, dropZone } from "./files.js";
import { eachOf, the } from "./page.js";

const hashes = /** @type {HTMLTextAreaElement} */ (the("assets"));
let coming = Promise.resolve();

const all = () => hashes.value.split(/\s+/).filter((one) => one !== "");

function count() {
  const found = new Set(all());
  the("number").textContent = String(found.size);
  the("count").hidden = found.size === 0;
  hashes.value = [...found].join("\n");
}

/** @param {File[]} files */
async function take(files) {
  /** @type {string[]} */
  const found = [];
  await eachOf(files, async (file) => { found.push(await digestOf(file)); });
  hashes.value = [...all(), ...found].join("\n");
  count();
}

if (document.getElementById("drop")) {
  hashes.addEventListener("change", count);
  dropZone(the("drop"), /** @type {HTMLInputElement} */ (the("file")), (files) => { coming = coming.then(() => take(files)); });
  count();
}

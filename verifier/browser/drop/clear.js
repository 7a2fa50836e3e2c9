/**
 * The clearance page's script: hashes the pictures that are dropped, asks the registry about the hashes, and shows each of
 * its answers under the picture's own name. Neither pictures nor their names are sent.
 */

import { digestOf, dropZone } from "./files.js";
import { eachOf, pageAt, say, the } from "./page.js";

const AT_ONCE = 25;

const section = the("ask"), answers = the("answers");
let coming = Promise.resolve();

/** @param {[File, string][]} hashed */
async function show(hashed) {
  /** @type {Document} */
  let page;
  try {
    const digests = [...new Set(hashed.map(([, digest]) => digest))];
    page = await pageAt(section.dataset["here"] ?? "", new URLSearchParams({ sha256: digests.join(",") }));
  } catch {
    const again = () => { coming = coming.then(() => show(hashed)); };
    answers.append(say("t-failed", { again: (node) => node.addEventListener("click", () => {
      node.closest("li")?.remove();
      again();
    }) }));
    return;
  }
  for (const [file, digest] of hashed) {
    const found = page.querySelector(`#answers > [data-sha256="${digest}"]`);
    if (!found) continue;
    const row = document.importNode(found, true);
    const name = row.querySelector("[data-name]");
    if (name) name.textContent = file.name;
    answers.append(row);
  }
}

/** @param {File[]} files */
async function answer(files) {
  /** @type {[File, string][]} */
  let hashed = [];
  answers.hidden = false;
  await eachOf(files, async (file) => {
    hashed.push([file, await digestOf(file)]);
    if (hashed.length === AT_ONCE) await show(hashed.splice(0));
  });
  if (hashed.length) await show(hashed);
  the("said").textContent = the("said").dataset["done"] ?? "";
}

dropZone(the("drop"), the("file"), (files) => {
  the("said").textContent = "";
  coming = coming.then(() => answer(files));
});

/** How files come in: dropped, chosen or pasted, many at once; and what each of them is. */

import { MAX_EVIDENCE } from "../evidence/file.js";
import { isPdf, markIn } from "../evidence/pdf.js";
import { element } from "./dom.js";
import { policyIn } from "./policy.js";

/**
 * @typedef {import("./policy.js").Pinned} Pinned
 * @typedef {{evidence: File[], pictures: File[], policies: Pinned[]}} Given
 * @typedef {"any" | "evidence" | "pictures"} Meant what whoever hands it in says that it is
 */

const OPENS = 0x7b; // an evidence file is one JSON object, or a PDF with one in it
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
const NAMED = /\.json$/i;

/** Whether a file says that it is evidence: JSON by its name or by how it begins, or a PDF with its mark. @param {File} file */
async function isEvidence(file) {
  if (NAMED.test(file.name)) return true;
  const head = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  if (isPdf(head)) return file.size <= MAX_EVIDENCE && markIn(new Uint8Array(await file.arrayBuffer())) >= 0;
  return head.find((byte) => !SPACE.has(byte)) === OPENS;
}

/** @param {File} file @param {Meant} meant @returns {Promise<"evidence" | "picture" | Pinned>} */
async function kindOf(file, meant) {
  if (meant === "pictures") return "picture";
  try {
    if (await isEvidence(file)) return "evidence";
    return (await policyIn(file)) ?? (meant === "any" || /^image/.test(file.type) ? "picture" : meant);
  } catch {
    return "evidence"; // a folder, or a file that cannot be read: its check says so
  }
}

/**
 * What was handed in, sorted. A policy is told from a picture by being one; nothing here is trusted yet.
 * @param {Iterable<File>} files
 * @param {Meant} meant
 * @returns {Promise<Given>}
 */
export async function sorted(files, meant) {
  /** @type {Given} */
  const given = { evidence: [], pictures: [], policies: [] };
  for (const file of files) {
    const kind = await kindOf(file, meant);
    if (kind === "evidence") given.evidence.push(file);
    else if (kind === "picture") given.pictures.push(file);
    else given.policies.push(kind);
  }
  return given;
}

/** Text that was pasted, as the file that it was: what an editor puts around it is not part of it. @param {string} text @param {string} name */
export function pastedFile(text, name) {
  return new File([text.trim()], name, { type: "application/json" });
}

/**
 * A real button that opens the device's own chooser; it can be reached and pressed as any other.
 * @param {string} label @param {string} look class @param {{accept?: string}} options @param {(files: File[]) => void} take
 */
export function chooser(label, look, { accept }, take) {
  const input = /** @type {HTMLInputElement} */ (element("input", { type: "file", multiple: true, accept, class: "vh", tabindex: -1, "aria-hidden": "true" }));
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    input.value = "";
  });
  return [element("button", { class: look, type: "button", click: () => input.click() }, label), input];
}

/** The whole page takes what is dropped or pasted. @param {(files: File[]) => void} take @param {(text: string) => void} paste */
export function listen(take, paste) {
  const over = (/** @type {boolean} */ isOver) => document.querySelector(".drop")?.classList.toggle("over", isOver);
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // else the browser opens the file instead of the page
    over(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) over(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    take([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    if (event.target instanceof HTMLTextAreaElement) return;
    const files = [...(event.clipboardData?.files ?? [])], text = event.clipboardData?.getData("text/plain") ?? "";
    if (files.length) take(files);
    else if (text.trim()) paste(text);
  });
}

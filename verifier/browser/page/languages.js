/** The languages that this page was built with, and the one that the reader's browser asks for. */

import tables from "kembar:words";

import { Catalogue } from "../words/catalogue.js";

const [ids, ...rows] = tables;

/** @type {readonly Catalogue[]} the first is spoken where nobody asks for another */
export const languages = rows.map((row) => new Catalogue(Object.fromEntries(ids.map((id, place) => [id, row[place]]))));

/** @returns {Catalogue} */
export function chosenLanguage() {
  for (const wanted of navigator.languages ?? []) {
    const found = languages.find(({ language }) => wanted.toLowerCase().split("-")[0] === language);
    if (found) return found;
  }
  return /** @type {Catalogue} */ (languages[0]);
}

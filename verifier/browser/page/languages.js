/** The languages that this page was built with, and the one that the reader's browser asks for. */

import tables from "kembar:words";

import { Catalogue } from "../words/catalogue.js";

/** @type {readonly Catalogue[]} the first is spoken where nobody asks for another */
export const languages = tables.map((table) => new Catalogue(table));

/** @returns {Catalogue} */
export function chosenLanguage() {
  for (const wanted of navigator.languages ?? []) {
    const found = languages.find(({ language }) => wanted.toLowerCase().split("-")[0] === language);
    if (found) return found;
  }
  return /** @type {Catalogue} */ (languages[0]);
}

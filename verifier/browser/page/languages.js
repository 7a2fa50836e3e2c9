/** The languages that this page was built with, and the one that the reader's browser asks for. */

import tables from "kembar:words";

import { Catalogue } from "../words/catalogue.js";

const [names, ...rows] = tables;

let family = "";
/** As tools/build.js wrote them. @type {string[]} */
const ids = names.map((/** @type {string | 0} */ name, /** @type {number} */ place) => {
  const id = name === 0 ? `$${place.toString(36)}` : name.startsWith(".") ? family + name : name;
  family = id.slice(0, Math.max(id.lastIndexOf("."), 0));
  return id;
});

/** @type {readonly Catalogue[]} the first is spoken where nobody asks for another */
export const languages = rows.map((row) => new Catalogue(Object.fromEntries(ids.map((id, place) => [id, row[place] || rows[0]?.[place]]))));

/** @returns {Catalogue} */
export function chosenLanguage() {
  for (const wanted of navigator.languages ?? []) {
    const found = languages.find(({ language }) => wanted.toLowerCase().split("-")[0] === language);
    if (found) return found;
  }
  return /** @type {Catalogue} */ (languages[0]);
}

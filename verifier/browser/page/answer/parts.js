/** Small things that every part of an answer is made of: cards, facts, badges. */

import { element } from "../dom.js";
import { mark } from "../marks.js";

/** @typedef {import("../dom.js").Child} Child */

/** A card with a heading that names it. @param {string} id @param {string} heading @param {...(Child | readonly Child[])} children */
export function card(id, heading, ...children) {
  return element("section", { class: "card", "aria-labelledby": id }, element("h2", { id }, heading), ...children);
}

/** @param {string} term @param {...(Child | readonly Child[])} description */
export function fact(term, ...description) {
  return element("div", {}, element("dt", {}, term), element("dd", {}, ...description));
}

/** @param {string} tone @param {string} text */
export function badge(tone, text) {
  return element("span", { class: `badge ${tone}` }, mark(tone), text);
}

/**
 * A table that becomes blocks where it is narrow, each cell with the heading of its column.
 * @param {string} caption
 * @param {readonly {text: string, look?: string}[]} columns the first heads its rows
 * @param {readonly (readonly (Child | readonly Child[])[])[]} rows
 * @param {readonly (readonly (Child | readonly Child[])[])[]} [totals]
 */
export function table(caption, columns, rows, totals = []) {
  const head = columns[0]?.text;
  const line = (/** @type {readonly (Child | readonly Child[])[]} */ cells) => {
    const isAlone = cells.filter((cell) => cell !== "").length === 2; // a sum by itself is named by its row
    return element("tr", {}, cells.map((cell, place) => place === 0
      ? element("th", { scope: "row" }, cell)
      : element("td", { class: columns[place]?.look, "data-l": cell === "" ? undefined : isAlone ? String(cells[0]) : columns[place]?.text }, cell)));
  };
  return element("div", { class: "table", role: "group", tabindex: 0, "aria-label": caption },
    element("table", { class: "rows" },
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, columns.map(({ text, look }) => element("th", { scope: "col", class: text === head ? undefined : look }, text)))),
      element("tbody", {}, rows.map(line)),
      totals.length > 0 && element("tfoot", {}, totals.map(line))));
}

/** When the use was within its terms and when not: a bar, and beside it the table that says the same. */

import { objectsOf, textOf } from "../../evidence/explain.js";
import { element } from "../dom.js";
import { badge, card, table } from "./parts.js";

/** @typedef {import("./view.js").View} View */

const DAY = 86_400n;
const WIDTH = 320n;
const LOOK = /** @type {{readonly [answer: string]: {tone: string, said: string, fill: string}}} */ ({
  AUTHORISED: { tone: "yes", said: "view.within", fill: "f-yes" },
  NOT_AUTHORISED: { tone: "no", said: "view.outside", fill: "f-no" },
  CANNOT_TELL: { tone: "unk", said: "view.unknown", fill: "f-unk" },
});
const UNKNOWN = /** @type {{tone: string, said: string, fill: string}} */ (LOOK.CANNOT_TELL);

/** @param {View} view */
export function timeCard(view) {
  const spans = objectsOf(view.verdict, "segments").map((one) => ({
    start: view.instantOf(one, "from") ?? 0n, end: view.instantOf(one, "to") ?? 0n, look: LOOK[textOf(one, "authorised") ?? ""] ?? UNKNOWN,
  }));
  if (spans.length < 2) return null;
  const columns = [{ text: view.say("view.from_until") }, { text: view.say("view.length"), look: "num" }, { text: view.say("view.the_answer"), look: "st" }];
  const rows = spans.map(({ start, end, look }) => [
    view.say("view.span", { start: view.day(start), end: view.day(end) }), length(view, end - start), badge(look.tone, view.say(look.said)),
  ]);
  return card("time", view.say("view.time"), chart(view, spans), table(view.say("view.time_table", { zone: view.zone.name }), columns, rows));
}

/** @param {View} view @param {bigint} seconds */
function length(view, seconds) {
  return seconds < DAY ? view.say("view.less_than_a_day") : view.say("view.days", { n: seconds / DAY });
}

/** @param {View} view @param {readonly {start: bigint, end: bigint, look: {fill: string, said: string, tone: string}}[]} spans */
function chart(view, spans) {
  const first = spans[0]?.start ?? 0n, whole = (spans.at(-1)?.end ?? 1n) - first || 1n;
  const place = (/** @type {bigint} */ at) => Number((at - first) * WIDTH * 10n / whole) / 10;
  const said = spans.map(({ start, end, look }) => view.say("view.chart_span", { answer: view.say(look.said), start: view.day(start), end: view.day(end) }));
  const bars = spans.flatMap(({ start, end, look }) => {
    const x = place(start), width = Math.max(1, place(end) - x - 1);
    const bar = element("rect", { class: look.fill, x, y: 0, width, height: 24 });
    return look.tone === "no" ? [bar, element("path", { class: "k-card", d: hatch(x, width) })] : [bar];
  });
  return element("svg", { class: "chart", viewBox: `0 0 ${WIDTH} 24`, role: "img", preserveAspectRatio: "none", "aria-label": view.say("view.chart", { spans: said.join("; ") }) }, bars);
}

/** Slanting lines, so that what is outside is seen without its colour. @param {number} x @param {number} width */
function hatch(x, width) {
  let d = "";
  for (let at = x + 2; at + 6 <= x + width; at += 9) d += `M${at} 24 ${at + 6} 0`;
  return d || `M${x} 24 ${x + width} 0`;
}

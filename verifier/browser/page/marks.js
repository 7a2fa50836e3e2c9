/** Marks: each outcome has its own shape, so that none rests on colour. */

import { element } from "./dom.js";

/** @type {{readonly [name: string]: () => HTMLElement[]}} */
const SHAPES = {
  yes: () => [circle(), path("m7.5 12.5 3 3 6-7")],
  due: () => [circle(), path("M12 6.5V12l3.5 2.5")],
  no: () => [path("M8 2h8l6 6v8l-6 6H8l-6-6V8z"), path("M12 7v6M12 16.5v.1")],
  mis: () => [path("M3 8h7M3 16h7M14 8h7M14 16h7M14 4l-4 16")],
  unk: () => [
    element("rect", { x: 2, y: 2, width: 20, height: 20, rx: 5, "stroke-dasharray": "3.5 3" }),
    path("M9 9.5a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.1-1.5 2.1M12 17.5v.1"),
  ],
  late: () => [path("M12 3 22 20H2zM12 9v5M12 17v.1")],
  none: () => [circle(), path("M8 12h8")],
  step: () => [element("circle", { cx: 12, cy: 12, r: 4 })],
  drop: () => [path("M12 16V4m-5 5 5-5 5 5M4 16v4h16v-4")],
};

const circle = () => element("circle", { cx: 12, cy: 12, r: 10 });
/** @param {string} d */
const path = (d) => element("path", { d });

/** @param {string} name @returns {HTMLElement} */
export function mark(name) {
  const shape = SHAPES[name] ?? SHAPES.unk;
  return element("svg", {
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  }, /** @type {() => HTMLElement[]} */ (shape)());
}

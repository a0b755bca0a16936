// What the colors mean: in a corner of the map or, where that is narrow, as a line below it. Text from the data only
// ever goes through textContent, so that hostile cells are shown literally.

import { element, formatNumber } from "./panels.js";

const NO_CODE = 65535; // of what has no value

export class Legend {
  // onValue(code, more): a value was clicked, `more` with Shift or Ctrl; narrow() -> bool; onFold(): it opened or closed
  constructor({ onValue, narrow, onFold }) {
    this.node = element("div", "em-legend");
    this.node.dataset.chrome = "1";
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", "What the colors mean");
    Object.assign(this, { onValue, narrow, onFold, chosen: null });
  }

  get hidden() {
    return this.node.hidden;
  }

  // Folded on a phone, until the reader decides.
  get open() {
    return this.chosen ?? !matchMedia("(max-width: 639px)").matches;
  }

  // Pixels at the right of the stage that it covers.
  covers() {
    return this.narrow() || this.hidden || !this.open ? 0 : this.node.offsetWidth + 12;
  }

  // counts[code] and missing: how many have each value, and none
  fill(color, { counts, missing, gray }) {
    this.node.replaceChildren();
    this.node.hidden = !color || color.kind === "none";
    if (this.hidden) return;
    const title = element("button", "em-legend-title", color.title);
    title.type = "button";
    title.addEventListener("click", () => this.fold());
    this.node.append(title);
    const body = element("div", "em-legend-body");
    if (color.kind === "number") body.append(...ramp(color));
    const list = element("div", "em-entries");
    const add = (...entry) => list.append(this.entry(...entry));
    color.names.forEach((name, code) => counts[code] && add(name, counts[code], color.palette[code] || gray, code));
    if (missing) add("no value", missing, gray, NO_CODE);
    body.append(list);
    this.node.append(body);
    this.show();
  }

  entry(name, count, swatch, code) {
    const button = element("button", "em-entry");
    button.type = "button";
    button.title = `${name}\nClick to select; hold Shift to add`;
    const dot = element("span", "em-dot");
    dot.style.background = swatch;
    button.append(dot, element("span", "em-name", name), element("span", "em-count", count.toLocaleString("en-US")));
    button.addEventListener("click", (event) => this.onValue(code, event.shiftKey || event.ctrlKey || event.metaKey));
    return button;
  }

  show() {
    this.node.classList.toggle("em-folded", !this.open);
    const title = this.node.querySelector(".em-legend-title");
    if (title) title.setAttribute("aria-expanded", String(this.open));
  }

  fold() {
    this.chosen = !this.open;
    this.show();
    this.onFold();
  }
}

function ramp(color) {
  const bar = element("div", "em-bar");
  bar.style.background = `linear-gradient(to right, ${color.palette.join(", ")})`;
  const ends = element("div", "em-ends");
  const unit = color.unit === "year" ? "" : color.unit || "";
  ends.append(element("span", "", formatNumber(color.min, color.unit)), element("span", "em-unit", unit));
  ends.append(element("span", "", formatNumber(color.max, color.unit)));
  return [bar, ends];
}

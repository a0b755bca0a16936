// Where the reader looks: ranges in 2-D, Plotly's camera in 3-D, and the way from data to pixels and back.

import { bounds } from "./pick.js";
import { project3d } from "./traces.js";

export const FIRST_CAMERA = { eye: { x: 1.1, y: 1.1, z: 0.8 }, up: { x: 0, y: 0, z: 1 }, center: { x: 0, y: 0, z: 0 } };

const FARTHEST = 0.2; // zoom, as a multiple of the whole map
const NEAREST = 5000;
const TOOLS = 40; // pixels

export class Camera {
  // facts: points() and flat() of the current spec; taken() pixels at the right that the legend covers
  constructor(Plotly, plot, stage, facts) {
    Object.assign(this, { Plotly, plot, stage, facts });
    this.home = null; // the ranges that show everything
    this.target = null; // ranges wanted while Plotly still draws
    this.sliding = false;
    this.closed = false;
  }

  get width() {
    return Math.max(1, this.stage.clientWidth);
  }

  get height() {
    return Math.max(1, this.stage.clientHeight);
  }

  // {x: [a, b], y: [c, d]}, or null before the first drawing and in 3-D
  ranges() {
    const full = this.plot._fullLayout;
    return full && full.xaxis && this.facts.flat() ? { x: [...full.xaxis.range], y: [...full.yaxis.range] } : null;
  }

  seen() {
    return this.ranges() || { camera: this.plot._fullLayout.scene.camera };
  }

  // All points inside the part of the stage that the tools (above) and the legend (at the right) leave free.
  fit() {
    const { x, y } = this.facts.points();
    const box = bounds(x, y);
    const across = this.width - this.facts.taken();
    const down = this.height - TOOLS;
    const unit = Math.max((box.x[1] - box.x[0] || 1) / (across * 0.9), (box.y[1] - box.y[0] || 1) / (down * 0.9));
    const left = (box.x[0] + box.x[1]) / 2 - (unit * across) / 2;
    const bottom = (box.y[0] + box.y[1]) / 2 - (unit * down) / 2;
    this.home = { x: [left, left + unit * this.width], y: [bottom, bottom + unit * this.height] };
    return this.home;
  }

  // One unit is as long across as down: the wanted ranges grow to the stage's own shape.
  squared(view) {
    const unit = Math.max((view.x[1] - view.x[0]) / this.width, (view.y[1] - view.y[0]) / this.height) || 1e-6;
    const around = (range, pixels) => {
      const middle = (range[0] + range[1]) / 2;
      return [middle - (unit * pixels) / 2, middle + (unit * pixels) / 2];
    };
    return { x: around(view.x, this.width), y: around(view.y, this.height) };
  }

  // null shows everything
  look(view) {
    if (!this.facts.flat()) {
      return this.Plotly.relayout(this.plot, { "scene.camera": (view && view.camera) || FIRST_CAMERA });
    }
    return this.apply(view && view.x ? this.squared(view) : this.fit());
  }

  apply(view) {
    return this.Plotly.relayout(this.plot, { "xaxis.range": view.x, "yaxis.range": view.y });
  }

  zoom(factor) {
    const middle = [this.width / 2, this.height / 2];
    if (this.facts.flat()) return this.slide(middle, middle, factor);
    const { camera } = this.plot._fullLayout.scene;
    const eye = Object.fromEntries(Object.entries(camera.eye).map(([axis, value]) => [axis, value * factor]));
    return this.look({ camera: { ...camera, eye } });
  }

  // What lay at pixel `from` comes to `to`, the view grown by `factor`; steps that come while Plotly draws are
  // taken together.
  slide(from, to, factor) {
    const now = this.target || this.ranges();
    if (!now) return;
    const unit = (now.x[1] - now.x[0]) / this.width;
    const wanted = this.home ? (this.home.x[1] - this.home.x[0]) / (unit * factor * this.width) : 1;
    const grown = unit * (factor !== 1 && (wanted < FARTHEST || wanted > NEAREST) ? 1 : factor);
    const left = now.x[0] + from[0] * unit - to[0] * grown;
    const top = now.y[1] - from[1] * unit + to[1] * grown;
    this.target = { x: [left, left + grown * this.width], y: [top - grown * this.height, top] };
    if (!this.sliding) requestAnimationFrame(() => this.follow());
    this.sliding = true;
  }

  async follow() {
    const next = this.target;
    if (next && !this.closed && this.facts.flat()) await this.apply(next);
    if (this.target !== next && !this.closed) {
      requestAnimationFrame(() => this.follow());
      return;
    }
    this.target = null;
    this.sliding = false;
  }

  // 1 shows everything, 2 half as much across
  depth() {
    const now = this.ranges();
    return now && this.home ? Math.max(FARTHEST, (this.home.x[1] - this.home.x[0]) / (now.x[1] - now.x[0])) : 1;
  }

  // The same for names, and in 3-D too.
  nearness() {
    const scene = this.plot._fullLayout && this.plot._fullLayout.scene;
    if (this.facts.flat() || !scene) return this.depth();
    const far = ({ x, y, z }) => Math.hypot(x, y, z);
    return far(FIRST_CAMERA.eye) / (far(scene.camera.eye) || 1);
  }

  atHome() {
    const now = this.ranges();
    if (!now || !this.home) return false;
    const near = 1e-9 * (this.home.x[1] - this.home.x[0]);
    return now.x.every((end, i) => Math.abs(end - this.home.x[i]) < near);
  }

  // A function from data coordinates to pixels of the stage; it answers null for what lies behind the reader.
  projector() {
    const full = this.plot._fullLayout;
    if (!full) return () => null;
    if (!this.facts.flat()) return project3d(full.scene._scene, this.width, this.height);
    const [x0, x1] = full.xaxis.range;
    const [y0, y1] = full.yaxis.range;
    const [w, h] = [this.width, this.height];
    return (x, y) => [((x - x0) / (x1 - x0)) * w, ((y1 - y) / (y1 - y0)) * h];
  }

  toData([px, py]) {
    const { x, y } = this.ranges();
    return [x[0] + (px / this.width) * (x[1] - x[0]), y[1] - (py / this.height) * (y[1] - y[0])];
  }
}

// The tooltip: asked for when the pointer rests, kept, and given up when the pointer moves on.

import { element, fillTip, placeTip } from "./panels.js";

const REST = 80; // milliseconds before the first question
const KEPT_TIPS = 500;

export class Tip {
  // ask(item, signal) -> Promise of {title, text, fields, image?}
  constructor(stage, ask) {
    this.node = element("div", "em-tip");
    this.node.setAttribute("role", "tooltip");
    this.node.hidden = true;
    stage.append(this.node);
    Object.assign(this, { stage, ask, known: new Map(), timer: 0, asking: null });
  }

  move(at) {
    if (!this.node.hidden) placeTip(this.node, at, this.stage.clientWidth, this.stage.clientHeight);
  }

  hide() {
    clearTimeout(this.timer);
    if (this.asking) this.asking.abort();
    this.asking = null;
    this.node.hidden = true;
  }

  // `key` names the item together with what its answer depends on
  show(item, key, at) {
    this.hide();
    if (this.ask) this.timer = setTimeout(() => this.fill(item, key, at), this.known.has(key) ? 0 : REST);
  }

  async fill(item, key, at) {
    const mine = new AbortController();
    this.asking = mine;
    try {
      if (!this.known.has(key)) {
        const answer = await this.ask(item, mine.signal);
        if (this.known.size > KEPT_TIPS) this.known.clear();
        this.known.set(key, answer);
      }
    } catch {
      return; // moved on, or the server is away: a tooltip is not worth an error
    }
    if (mine.signal.aborted) return;
    fillTip(this.node, this.known.get(key) || {});
    this.node.hidden = this.node.childElementCount === 0;
    this.move(at);
  }
}

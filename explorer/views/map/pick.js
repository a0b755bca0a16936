// Which point lies under the pointer: a grid over the points, built once per layout. Plotly's own picking
// copies every point into a tree at each restyle and does not reach into a shadow root reliably.

export class Grid {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    this.bounds = bounds(x, y);
    this.side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(x.length / 2))));
    const { x: [x0, x1], y: [y0, y1] } = this.bounds;
    this.stepX = (x1 - x0) / this.side || 1;
    this.stepY = (y1 - y0) / this.side || 1;
    // Counting sort by cell: `order` holds the items, cell c owns order[start[c] .. start[c + 1]).
    const cells = new Int32Array(x.length);
    this.start = new Int32Array(this.side * this.side + 1);
    for (let i = 0; i < x.length; i++) {
      cells[i] = this.column(x[i]) + this.side * this.row(y[i]);
      this.start[cells[i] + 1]++;
    }
    for (let c = 0; c < this.side * this.side; c++) this.start[c + 1] += this.start[c];
    this.order = new Int32Array(x.length);
    const next = this.start.slice();
    for (let i = 0; i < x.length; i++) this.order[next[cells[i]]++] = i;
  }

  column(x) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.bounds.x[0]) / this.stepX)));
  }

  row(y) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.bounds.y[0]) / this.stepY)));
  }

  // The nearest item within `reach` (data units), or -1; `mask` leaves out items that are not shown.
  nearest(x, y, reach, mask) {
    let best = -1;
    let least = reach * reach;
    for (let r = this.row(y - reach); r <= this.row(y + reach); r++) {
      for (let c = this.column(x - reach); c <= this.column(x + reach); c++) {
        const cell = c + this.side * r;
        for (let k = this.start[cell]; k < this.start[cell + 1]; k++) {
          const item = this.order[k];
          if (mask && !mask[item]) continue;
          const distance = (this.x[item] - x) ** 2 + (this.y[item] - y) ** 2;
          if (distance <= least) {
            least = distance;
            best = item;
          }
        }
      }
    }
    return best;
  }
}

export function bounds(x, y) {
  const range = (values) => {
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low > high ? [-1, 1] : [low, high];
  };
  return { x: range(x), y: range(y) };
}

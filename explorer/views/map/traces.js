// From a spec to Plotly traces: three layers of the same points (all, lit, selected), so that a new highlight
// changes the upper layers and leaves the rest alone.

const EDGE = 0.02; // the lowest slice of the colorscale is the gray of "no value"

// Where each of n points lies on the colorscale: Float32Array in [0, 1].
export function shade(color, n) {
  const shades = new Float32Array(n);
  if (color.kind === "category") {
    const slots = color.names.length;
    for (let i = 0; i < n; i++) {
      if (color.values[i] < slots) shades[i] = EDGE + ((1 - EDGE) * (color.values[i] + 0.5)) / slots;
    }
  } else if (color.kind === "number") {
    const span = color.max - color.min || 1;
    for (let i = 0; i < n; i++) {
      const part = (color.values[i] - color.min) / span;
      if (!Number.isNaN(part)) shades[i] = EDGE * 1.01 + (1 - EDGE * 1.01) * Math.max(0, Math.min(1, part));
    }
  } else shades.fill(1);
  return shades;
}

// How many rows of the points shown have each code, and how many no value; `shown` as in `traces`.
export function tallied(color, { x, weight }, shown) {
  const counts = new Array(color.names.length).fill(0);
  let missing = 0;
  for (let i = 0; i < x.length; i++) {
    if (shown && !shown[i]) continue;
    const rows = weight ? weight[i] : 1;
    const code = color.values[i];
    if (color.kind === "category" && code < counts.length) counts[code] += rows;
    else if (color.kind === "category" || Number.isNaN(code)) missing += rows;
  }
  return { counts, missing };
}

// The color of points without a value.
export const missingColor = (theme) => (theme.dark ? "#6b7280" : "#b3b8c0");

// Plotly's colorscale, with hard steps for categories.
export function colorscale(color, theme) {
  const gray = missingColor(theme);
  const scale = [[0, gray], [EDGE, gray]];
  if (color.kind === "category" && color.names.length) {
    const slots = color.names.length;
    for (let code = 0; code < slots; code++) {
      const paint = color.palette[code] || gray;
      scale.push([EDGE + ((1 - EDGE) * code) / slots, paint], [EDGE + ((1 - EDGE) * (code + 1)) / slots, paint]);
    }
    scale[scale.length - 1][0] = 1;
  } else if (color.kind === "number") {
    const last = color.palette.length - 1 || 1;
    color.palette.forEach((paint, i) => scale.push([EDGE + ((1 - EDGE) * i) / last, paint]));
    scale[scale.length - 1][0] = 1;
  } else scale.push([EDGE, theme.accent], [1, theme.accent]);
  return scale;
}

// Few points are drawn large, many small; closer views draw them larger. The points of the whole map cover about
// an eighth of the stage, which keeps both 400 and 60,000 of them readable.
export function sizes(n, area, zoomed, weight, flat) {
  const even = 2 * Math.sqrt((0.11 * area) / (Math.PI * Math.max(1, n)));
  const base = Math.max(2.4, Math.min(10, even));
  const size = Math.min(13, base * Math.max(0.8, zoomed ** 0.55)) * (flat ? 1 : 0.75);
  const crowded = Math.max(0, Math.min(1, Math.log10(Math.max(1, n) / 1500) / 1.6));
  const opacity = Math.min(0.92, 0.88 - 0.3 * crowded + 0.12 * Math.max(0, Math.log2(zoomed)) * crowded);
  let each = size;
  if (weight) each = Float32Array.from(weight, (w) => size * Math.min(3, Math.sqrt(Math.max(1, w))));
  return { size, each, opacity };
}

function take(values, items) {
  return values && typeof values !== "number" ? Float32Array.from(items, (item) => values[item]) : values;
}

function chosen(mask) {
  const items = [];
  for (let i = 0; i < mask.length; i++) if (mask[i]) items.push(i);
  return items;
}

export function traces({ points, shades, shown, highlight, look, theme, type, scale }) {
  const layer = (items, opacity, grow, line) => {
    const all = items === null;
    const pick = (values) => (all ? values : take(values, items));
    let size = pick(look.each);
    if (grow !== 1) size = typeof size === "number" ? size * grow : size.map((s) => s * grow);
    return {
      type, mode: "markers", hoverinfo: "skip", showlegend: false,
      x: pick(points.x), y: pick(points.y), ...(type === "scatter3d" ? { z: pick(points.z) } : {}),
      marker: { color: pick(shades), colorscale: scale, cmin: 0, cmax: 1, cauto: false, showscale: false,
                size, opacity, line: line || { width: 0 } },
    };
  };
  const selected = highlight.items.length > 0;
  const lit = shown ? chosen(shown) : [];
  const rest = shown ? 0.1 : selected ? 0.22 : look.opacity;
  return [
    layer(null, rest, 1),
    layer(lit, selected ? 0.25 : look.opacity, 1),
    layer(highlight.items, Math.max(0.95, look.opacity), 1.25, { width: 0.8, color: theme.background }),
  ];
}

// The 3-D camera, from the matrices of Plotly's own scene.
export function project3d(scene, width, height) {
  const camera = scene && scene.glplot && scene.glplot.cameraParams;
  if (!camera) return () => null;
  const scale = scene.dataScale || [1, 1, 1];
  const apply = (m, v) => [0, 1, 2, 3].map((r) => m[r] * v[0] + m[4 + r] * v[1] + m[8 + r] * v[2] + m[12 + r] * v[3]);
  return (x, y, z) => {
    const point = [x * scale[0], y * scale[1], z * scale[2], 1];
    const clip = apply(camera.projection, apply(camera.view, apply(camera.model, point)));
    if (clip[3] <= 0) return null;
    return [(0.5 + (0.5 * clip[0]) / clip[3]) * width, (0.5 - (0.5 * clip[1]) / clip[3]) * height];
  };
}

// What is drawn over the points: names of groups, rings, lines, the query's star, the lasso under way.
// One function draws for the screen and for the downloaded picture, so that both show the same.

import { drawLabels, fitting } from "./labels.js";
import { formatNumber } from "./panels.js";

const STRIP = 208; // pixels beside a downloaded picture, for its legend

function ring(context, [x, y], radius, color, width, halo) {
  for (const [stroke, line] of [[halo, width + 1.5], [color, width]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = stroke;
    context.lineWidth = line;
    context.stroke();
  }
}

function lines(context, from, spots, color) {
  context.strokeStyle = color;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  context.beginPath();
  for (const spot of spots) {
    context.moveTo(...from);
    context.lineTo(...spot);
  }
  context.stroke();
  context.globalAlpha = 1;
}

function drawStar(context, [x, y], text, theme, width) {
  context.beginPath();
  for (let i = 0; i < 10; i++) {
    const radius = i % 2 ? 4.6 : 11;
    const angle = (Math.PI * i) / 5 - Math.PI / 2;
    context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  context.closePath();
  context.lineJoin = "round";
  context.strokeStyle = theme.background;
  context.lineWidth = 4;
  context.stroke();
  context.fillStyle = theme.accent;
  context.fill();
  if (!text) return;
  context.font = `600 13px ${theme.font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineWidth = 4;
  const shown = fitting(context, text, width * 0.6);
  // Near the right rim the words stand at the star's left.
  const left = x + 16 + context.measureText(shown).width > width ? x - 16 - context.measureText(shown).width : x + 16;
  context.strokeText(shown, left, y);
  context.fillText(shown, left, y);
}

function drawShape(context, shape, theme) {
  if (shape.length < 2) return;
  context.beginPath();
  shape.forEach((spot) => context.lineTo(...spot));
  context.closePath();
  context.globalAlpha = 0.1;
  context.fillStyle = theme.accent;
  context.fill();
  context.globalAlpha = 1;
  context.setLineDash([5, 4]);
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.25;
  context.stroke();
  context.setLineDash([]);
}

// The legend of a downloaded picture, in its upper right corner.
function drawLegend(context, color, tally, theme, width) {
  if (color.kind === "none") return;
  const left = width - 196;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = `12px ${theme.font}`;
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = theme.background;
  const write = (text, x, y, paint) => {
    context.fillStyle = paint;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  };
  write(fitting(context, color.title, 180), left, 20, theme.text);
  if (color.kind === "number") {
    const ramp = context.createLinearGradient(left, 0, left + 180, 0);
    color.palette.forEach((paint, i) => ramp.addColorStop(i / Math.max(1, color.palette.length - 1), paint));
    context.fillStyle = ramp;
    context.fillRect(left, 32, 180, 8);
    const unit = color.unit === "year" ? "" : color.unit || "";
    const ends = [color.min, color.max].map((end) => formatNumber(end, color.unit));
    write(`${ends.join(" to ")} ${unit}`.trim(), left, 54, theme.text);
    return;
  }
  const rows = color.names.map((name, code) => [name, color.palette[code], tally.counts[code]]).filter((row) => row[2]);
  rows.forEach(([name, paint], i) => {
    const y = 42 + 19 * i;
    write(fitting(context, name, 170), left + 16, y, theme.text);
    context.fillStyle = paint;
    context.beginPath();
    context.arc(left + 5, y, 4.5, 0, 2 * Math.PI);
    context.fill();
  });
}

// scene: {labels, focus, neighbors, hover: [x, y, z] points in data coordinates or null, star, shape (pixels),
//         radius, faded, theme, project, nearness, width, height}
export function drawOverlay(context, scene) {
  const { theme, project, width } = scene;
  const at = (point) => point && project(...point);
  const near = scene.neighbors.map(at).filter(Boolean);
  const focus = at(scene.focus);
  const star = scene.star && project(scene.star.x, scene.star.y, scene.star.z || 0);
  if (star) lines(context, star, near, theme.accent);
  else if (focus) lines(context, focus, near, theme.text);
  drawLabels(context, { ...scene, scale: width < 520 ? 0.9 : 1, pointer: at(scene.hover) });
  near.forEach((spot) => ring(context, spot, scene.radius + 2.5, star ? theme.accent : theme.text, 1.25, theme.background));
  if (focus) ring(context, focus, scene.radius + 5, theme.accent, 2.5, theme.background);
  const hover = at(scene.hover);
  if (hover) ring(context, hover, scene.radius + 3, theme.text, 1.5, theme.background);
  if (star) drawStar(context, star, scene.star.text, theme, width);
  drawShape(context, scene.shape, theme);
}

// The map as a picture to download: a canvas, twice as fine as the screen. roomy: the view leaves room for a legend at
// its right, as on the screen; else the picture grows by a strip for it.
export async function drawPicture(Plotly, plot, scene, color, tally, roomy) {
  const { width, height, theme } = scene;
  const [ratio, strip] = [2, roomy || color.kind === "none" ? 0 : STRIP];
  const picture = new Image();
  picture.src = await Plotly.toImage(plot, { format: "png", width, height, scale: ratio });
  await picture.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: (width + strip) * ratio, height: height * ratio });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width + strip, height);
  context.drawImage(picture, 0, 0, width, height);
  drawOverlay(context, scene);
  drawLegend(context, color, tally, theme, width + strip);
  return canvas;
}

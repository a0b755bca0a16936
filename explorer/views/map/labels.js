// Which names stand on the map, and where: of groups, and of their islands where the reader looks closer.

const LETTERS = 34; // of a name, at most
const SHARE = 0.42; // of the width, at most: on a phone a long name would cover half of the map
const FEW = 8; // items
const WIDE = 96; // pixels from the middle of an island to its upper edge, from which its name stays in the middle
const NEAR = 12; // pixels around a name
const BUTTONS = [300, 42]; // pixels that the buttons take at the upper left
const CLOSER = 1.35; // so much nearer than the whole map, islands have names of their own
const ISLAND = 44; // pixels that an island reaches to each side, from which it has a name of its own
const APART = 240; // pixels between two places of one name

// A text that fits into so many pixels, cut at a comma where there is one.
export function fitting(context, text, most) {
  const letters = Array.from(text);
  let short = letters.length > LETTERS ? letters.slice(0, LETTERS - 1).join("") + "…" : text;
  while (context.measureText(short).width > most && short.length > 2) {
    const comma = short.lastIndexOf(",");
    short = comma > 2 ? short.slice(0, comma) + "…" : Array.from(short).slice(0, -2).join("").trimEnd() + "…";
  }
  return short;
}

function overlaps(a, b) {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

// How far something of this length in data units reaches on the screen.
function onScreen(length, label, spot, project) {
  const end = project(label.x, label.y + length, label.z || 0);
  return end ? Math.hypot(end[0] - spot[0], end[1] - spot[1]) : 0;
}

// How far up a name goes so that it hides no point of a tight island. The nearer one looks, the wider the island lies:
// then the name sinks back to its middle.
function lifted(label, spot, project, radius, size) {
  const reach = onScreen(label.above || 0, label, spot, project);
  const tight = Math.min(Math.max((WIDE - reach) / (WIDE / 2), 0), 1);
  return (label.size || 1) <= FEW || label.above ? tight * (reach + radius + size * 0.75) : 0;
}

// The names to draw, best first, each {text, x, y, size, box}. Of two names that would touch, the smaller one waits for
// a closer look; so does the same name on another island of its group.
export function placed(context, { labels, project, width, height, theme, scale, radius, nearness }) {
  const biggest = Math.max(1, ...labels.map((label) => label.size || 1));
  const spots = labels.map((label) => project(label.x, label.y, label.z || 0));
  const seen = (spot) => spot && spot[0] >= 0 && spot[1] >= 0 && spot[0] <= width && spot[1] <= height;
  const order = labels.map((label, i) => i).filter((i) => seen(spots[i]));
  order.sort((a, b) => Math.sign(labels[a].level || 0) - Math.sign(labels[b].level || 0) || (labels[b].size || 0) - (labels[a].size || 0));
  const found = [];
  for (const i of order) {
    const [label, spot] = [labels[i], spots[i]];
    if (label.level) {
      const namesake = found.filter((other) => other.name === label.text);
      if (nearness < CLOSER) continue;
      if (namesake.length && onScreen(label.reach || 0, label, spot, project) < ISLAND) continue;
      if (namesake.some((other) => Math.hypot(other.spot[0] - spot[0], other.spot[1] - spot[1]) < APART)) continue;
    }
    const size = (11.5 + 4.5 * Math.sqrt((label.size || 1) / biggest)) * scale;
    context.font = `600 ${size.toFixed(1)}px ${theme.font}`;
    const text = fitting(context, label.text, Math.max(SHARE * width, 90));
    const half = context.measureText(text).width / 2;
    // A name near the rim moves in rather than being cut off.
    const x = Math.min(Math.max(spot[0], half + 6), width - half - 6);
    const lift = lifted(label, spot, project, radius, size);
    const top = (x - half < BUTTONS[0] ? BUTTONS[1] : 0) + size;
    // Where there is no room above: as high as there is, or, where that would hide the island, below it.
    const room = spot[1] - top;
    const above = room >= lift ? spot[1] - lift : room > lift / 2 ? top : spot[1] + lift;
    const y = Math.min(Math.max(above, top), height - size);
    const box = { x0: x - half - 6, x1: x + half + 6, y0: y - size * 0.75, y1: y + size * 0.75 };
    if (!found.some((other) => overlaps(box, other.box))) found.push({ name: label.text, spot, text, x, y, size, box });
  }
  return found;
}

// Names near the pointer let through what lies under them.
export function drawLabels(context, scene) {
  const { theme, faded, pointer } = scene;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { text, x, y, size, box } of placed(context, scene)) {
    const near = pointer && pointer[0] > box.x0 - NEAR && pointer[0] < box.x1 + NEAR && pointer[1] > box.y0 - NEAR
      && pointer[1] < box.y1 + NEAR;
    context.font = `600 ${size.toFixed(1)}px ${theme.font}`;
    // While something else is in question, names step back but stay readable.
    context.globalAlpha = near ? 0.15 : 1;
    context.strokeStyle = theme.background;
    context.lineWidth = 4;
    context.strokeText(text, x, y);
    context.globalAlpha = near ? 0.2 : faded ? 0.65 : 1;
    context.fillStyle = theme.text;
    context.fillText(text, x, y);
    context.globalAlpha = 1;
  }
}

// The quiet furniture around the points: tools and tooltip. Text from the data only ever goes through
// textContent, so that hostile cells are shown literally.

const ICONS = {
  pan: "M8 1.5v13M1.5 8h13M8 1.5 6.2 3.3M8 1.5l1.8 1.8M8 14.5l-1.8-1.8M8 14.5l1.8-1.8M1.5 8l1.8-1.8M1.5 8l1.8 1.8M14.5 8l-1.8-1.8M14.5 8l-1.8 1.8",
  lasso: "M8 2.2c3.6 0 6.3 1.8 6.3 4.3S11.6 10.8 8 10.8 1.7 9 1.7 6.5 4.400 2.200 8 2.200M4.200 9.900c-.9.9-.9 2.300.300 2.600s2 1 1.400 2.200",
  box: "M2.500 2.500h2M6.500 2.500h3M11.500 2.500h2v2M13.500 6.500v3M13.500 11.500v2h-2M9.500 13.500h-3M4.500 13.500h-2v-2M2.500 9.500v-3M2.500 4.500v-2",
  zoomIn: "M8 3v10M3 8h10",
  zoomOut: "M3 8h10",
  reset: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  picture: "M8 2v8M4.800 7 8 10.200 11.200 7M2.500 13.500h11",
};

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// groups: [[{name, label, action, mode?}]]; returns {node, mark(mode)}
export function toolbar(groups) {
  const node = element("div", "em-tools");
  node.dataset.chrome = "1";
  node.setAttribute("role", "toolbar");
  node.setAttribute("aria-label", "Map tools");
  const modes = new Map();
  for (const group of groups) {
    const box = element("div", "em-tool-group");
    for (const tool of group) {
      const button = element("button", "em-tool");
      button.type = "button";
      button.title = tool.label;
      button.setAttribute("aria-label", tool.label);
      button.append(icon(tool.name));
      button.addEventListener("click", tool.action);
      if (tool.mode) modes.set(tool.mode, button);
      box.append(button);
    }
    node.append(box);
  }
  return {
    node,
    // Shapes are drawn on flat maps only.
    mark(mode, flat) {
      for (const [name, button] of modes) {
        button.setAttribute("aria-pressed", String(name === mode));
        button.hidden = !flat && name !== "pan";
      }
    },
  };
}

// Dates travel as years with a fraction (unit "year"); a reader wants the month, and no comma in the year.
export function formatNumber(value, unit) {
  if (!Number.isFinite(value)) return "–";
  if (unit === "year") {
    const months = Math.floor(value * 12 + 1e-4);
    return `${Math.floor(months / 12)}-${String((((months % 12) + 12) % 12) + 1).padStart(2, "0")}`;
  }
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) return value.toExponential(1);
  return value.toLocaleString("en-US", { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 });
}

export function fillTip(node, content) {
  node.replaceChildren();
  if (content.title) node.append(element("div", "em-tip-title", content.title));
  if (content.image && /^data:image\/(png|jpeg|webp|gif);base64,/.test(content.image)) {
    const picture = element("img", "em-tip-image");
    picture.src = content.image;
    picture.alt = "";
    node.append(picture);
  }
  if (content.text) node.append(element("div", "em-tip-text", content.text));
  const fields = element("dl", "em-tip-fields");
  for (const [name, value] of content.fields || []) {
    fields.append(element("dt", "", String(name)), element("dd", "", String(value)));
  }
  if (fields.childElementCount) node.append(fields);
}

export function placeTip(node, [x, y], width, height) {
  const gap = 16;
  const own = [node.offsetWidth, node.offsetHeight];
  const left = x + gap + own[0] > width ? Math.max(4, x - gap - own[0]) : x + gap;
  const top = Math.max(4, Math.min(y + gap, height - own[1] - 4));
  node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

// Between Streamlit and the map: fetches what the messages name, keeps one map per mount, reports events.

import { createMap } from "./map.js";

const mounts = new WeakMap(); // parentElement -> mount
const arrays = new Map(); // url -> Promise<ArrayBuffer>, newest last
const KEPT = 24;
let plotly = null;
let style = null;

function loadPlotly(base) {
  // plotly.min.js is a classic script that sets window.Plotly; another version on the page is left alone.
  plotly ??= new Promise((resolve, reject) => {
    const before = window.Plotly;
    const script = document.createElement("script");
    script.src = `${base}/plotly.min.js`;
    script.onload = () => {
      const mine = window.Plotly;
      if (before) window.Plotly = before;
      resolve(mine);
    };
    script.onerror = () => { plotly = null; reject(new Error("plotly.min.js did not arrive")); };
    document.head.append(script);
  });
  return plotly;
}

async function fetched(url, kind) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw Object.assign(new Error(`${url} answered ${answer.status}`), { gone: answer.status === 404 });
  return kind === "text" ? answer.text() : answer.arrayBuffer();
}

function array(url) {
  const found = arrays.get(url) ?? fetched(url);
  arrays.delete(url);
  arrays.set(url, found);
  found.catch(() => arrays.delete(url));
  if (arrays.size > KEPT) arrays.delete(arrays.keys().next().value);
  return found;
}

function luminance(color) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
}

// Streamlit hands its theme to components as CSS variables.
function readTheme(node, known) {
  const css = getComputedStyle(node);
  const value = (name, otherwise) => {
    const found = css.getPropertyValue(name).trim();
    return found && found !== "unset" ? found : otherwise;
  };
  const background = value("--st-background-color", "#ffffff");
  const text = value("--st-text-color", "#1c2129");
  const dark = luminance(background) < 0.5;
  const theme = {
    background, text, dark,
    muted: `color-mix(in srgb, ${text} 65%, ${background})`,
    grid: `color-mix(in srgb, ${text} 14%, ${background})`,
    accent: value("--st-primary-color", "#3d7fd9"),
    font: value("--st-font", "system-ui, sans-serif"),
  };
  // The same object while nothing changed: the map compares by identity.
  return known && JSON.stringify(known) === JSON.stringify(theme) ? known : theme;
}

async function toSpec(data, base, theme) {
  const at = (path) => `${base.root}${path}`;
  const [points, color, lit, selected] = await Promise.all([
    array(at(data.points.path)),
    array(at(data.color.path)),
    data.lit ? array(at(data.lit.path)) : null,
    data.highlight.path ? array(at(data.highlight.path)) : null,
  ]);
  const n = data.points.n;
  const column = (i) => new Float32Array(points, 4 * n * i, n);
  const dims = data.points.dims;
  return {
    points: { version: data.points.version, x: column(0), y: column(1), z: dims > 2 ? column(2) : null,
              weight: data.points.weighted ? column(dims) : null },
    color: { ...data.color, values: data.color.kind === "number" ? new Float32Array(color) : new Uint16Array(color) },
    lit: lit ? new Uint8Array(lit) : null,
    litVersion: data.lit ? data.lit.version : "",
    labels: data.labels, counts: data.counts,
    highlight: { ...data.highlight, items: selected ? new Int32Array(selected) : Int32Array.from(data.highlight.items) },
    view: data.view, viewVersion: data.view_version, height: data.height, mode: dims > 2 ? "3d" : "2d",
    hoverVersion: data.hover_version, fileName: data.file_name, legend: data.legend, theme,
  };
}

export function render(component, base) {
  const { parentElement } = component;
  let mount = mounts.get(parentElement);
  if (!mount) {
    const holder = document.createElement("div");
    holder.className = "em-holder";
    parentElement.append(holder);
    mount = { holder, map: null, latest: null, running: null, theme: null, closed: false };
    mounts.set(parentElement, mount);
  }
  mount.latest = component;
  mount.running ??= pump(mount, base).finally(() => { mount.running = null; });
  return () => {
    mount.closed = true;
    mount.map?.destroy();
    mount.holder.remove();
    mounts.delete(parentElement);
  };
}

// One update after the other; a message that was overtaken is never drawn.
async function pump(mount, base) {
  let done = null;
  while (mount.latest !== done && !mount.closed) {
    done = mount.latest;
    try {
      await show(mount, done, base);
    } catch (error) {
      if (error.gone && !mount.asked) {
        // The server forgot the array (a restart, or hours of rest): one more run publishes it again.
        mount.asked = true;
        done.setTriggerValue("refresh", Date.now());
      } else if (!mount.closed) tell(mount, `The map's data did not arrive (${error.message}). Reload the page to try again.`);
    }
  }
}

function stopWaiting({ parentElement }) {
  parentElement.querySelector(".em-wait")?.remove();
}

function tell(mount, text) {
  stopWaiting(mount.latest);
  mount.map?.destroy();
  mount.map = null;
  mount.holder.textContent = text;
}

async function show(mount, component, base) {
  const { data } = component;
  const [Plotly, css] = await Promise.all([loadPlotly(base.assets), (style ??= fetched(`${base.assets}/map.css`, "text"))]);
  mount.theme = readTheme(mount.holder, mount.theme);
  const spec = await toSpec(data, base, mount.theme);
  if (mount.closed) return;
  mount.asked = false;
  if (mount.map) return mount.map.update(spec);
  stopWaiting(component);
  mount.holder.replaceChildren();
  const sheet = document.createElement("style");
  sheet.textContent = css;
  mount.holder.append(sheet);
  const latest = () => mount.latest;
  mount.map = createMap(mount.holder, Plotly, spec, {
    onView: (view) => latest().data.report_view && latest().setStateValue("view", view),
    onClick: (item) => latest().setTriggerValue("click", { item }),
    onSelect: (shape) => latest().setTriggerValue("select", { shape }),
    onValue: (code, more) => latest().setTriggerValue("value", { code, more }),
    onEscape: () => latest().setTriggerValue("escape", Date.now()),
    hover: async (item, signal) => {
      const path = latest().data.hover_path;
      if (!path) return {};
      const answer = await fetch(`${base.root}${path}/${item}`, { signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    },
  });
  return mount.map.ready();
}

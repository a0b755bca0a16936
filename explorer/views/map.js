// The interactive map: Plotly paints the points (WebGL), everything else is drawn here. Knows nothing of
// Streamlit; the offline page uses the same file.
//
// createMap(root, Plotly, spec, events) -> {update(spec), destroy()}. Specs are compared by their versions, so
// handing over the same one again does nothing, and a change of colors or highlights never touches the view.

import { listen } from "./map_gestures.js";
import { Grid, bounds } from "./map_pick.js";
import { drawLegend, drawOverlay } from "./map_overlay.js";
import { element, fillLegend, fillTip, formatNumber, placeTip, toolbar } from "./map_panels.js";
import { colorscale, project3d, shade, sizes, traces } from "./map_traces.js";

const NONE = new Int32Array(0);
const MOST_WITHOUT_GL = 20000; // SVG points: slower, but they draw where WebGL is switched off

export function createMap(root, Plotly, firstSpec, events = {}) {
  const life = new AbortController();
  const wrap = element("div", "em-map");
  const stage = element("div", "em-stage");
  const plot = element("div", "em-plot");
  const overlay = element("canvas", "em-overlay");
  const tip = element("div", "em-tip");
  const legend = element("div", "em-legend");
  const said = element("div", "em-said");
  overlay.setAttribute("aria-hidden", "true");
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  said.setAttribute("role", "status");
  legend.dataset.chrome = "1";
  legend.setAttribute("role", "group");
  legend.setAttribute("aria-label", "What the colors mean");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.append(plot, overlay, tip, said);
  wrap.append(stage, legend);
  root.append(wrap);

  let spec = firstSpec;
  let painted = {}; // versions of what Plotly shows
  let grid = null;
  let shown = null; // Uint8Array mask of points not filtered away, or null for all
  let isolated = new Set();
  let tally = { counts: [], missing: 0 };
  let shades = null; // Float32Array in [0, 1] along the colorscale
  let shape = []; // the lasso or box under way, in pixels
  let tool = "pan";
  let hovered = -1;
  let zoomStep = 0;
  let home = null; // the ranges that show everything
  let queue = Promise.resolve();
  let alive = true;
  let lost = 0;
  const probe = document.createElement("canvas");
  const hasGl = Boolean(probe.getContext("webgl2") || probe.getContext("webgl"));

  const tools = toolbar([
    [
      { name: "pan", label: "Drag to move", mode: "pan", action: () => setTool("pan") },
      { name: "lasso", label: "Select with a lasso (or hold Shift and drag)", mode: "lasso", action: () => setTool("lasso") },
      { name: "box", label: "Select with a box", mode: "box", action: () => setTool("box") },
    ],
    [
      { name: "zoomIn", label: "Zoom in", action: () => zoom(0.6) },
      { name: "zoomOut", label: "Zoom out", action: () => zoom(1 / 0.6) },
      { name: "reset", label: "Show everything", action: () => setView(null) },
    ],
    [{ name: "picture", label: "Save as a picture (PNG)", action: () => savePicture() }],
  ]);
  stage.append(tools.node);

  const flat = () => spec.mode !== "3d" || !spec.points.z;
  const width = () => Math.max(1, stage.clientWidth);
  const height = () => Math.max(1, stage.clientHeight);
  const narrow = () => wrap.clientWidth < 640;

  // ---- view ----------------------------------------------------------------------------------------------

  function ranges() {
    const full = plot._fullLayout;
    return full && full.xaxis && flat() ? { x: [...full.xaxis.range], y: [...full.yaxis.range] } : null;
  }

  // All points inside the part of the stage that the legend leaves free.
  function fit() {
    const box = bounds(spec.points.x, spec.points.y);
    const free = width() - (narrow() || legend.hidden ? 0 : legend.offsetWidth + 12);
    const spanX = box.x[1] - box.x[0] || 1;
    const spanY = box.y[1] - box.y[0] || 1;
    const unit = Math.max(spanX / (free * 0.9), spanY / (height() * 0.88));
    const left = (box.x[0] + box.x[1]) / 2 - (unit * free) / 2;
    const middle = (box.y[0] + box.y[1]) / 2;
    const half = (unit * height()) / 2;
    return { x: [left, left + unit * width()], y: [middle - half, middle + half] };
  }

  // One unit is as long across as down: the wanted ranges grow to the stage's own shape.
  function squared(view) {
    const unit = Math.max((view.x[1] - view.x[0]) / width(), (view.y[1] - view.y[0]) / height()) || 1e-6;
    const middle = (range) => (range[0] + range[1]) / 2;
    const [cx, cy] = [middle(view.x), middle(view.y)];
    const [hx, hy] = [(unit * width()) / 2, (unit * height()) / 2];
    return { x: [cx - hx, cx + hx], y: [cy - hy, cy + hy] };
  }

  function setView(view) {
    if (!flat()) return Plotly.relayout(plot, { "scene.camera": (view && view.camera) || CAMERA });
    const next = view && view.x ? squared(view) : (home = fit());
    return Plotly.relayout(plot, { "xaxis.range": next.x, "yaxis.range": next.y });
  }

  function zoom(factor) {
    if (!flat()) {
      const camera = plot._fullLayout.scene.camera;
      const eye = Object.fromEntries(Object.entries(camera.eye).map(([axis, v]) => [axis, v * factor]));
      return Plotly.relayout(plot, { "scene.camera": { ...camera, eye } });
    }
    const now = ranges();
    const scaled = (range) => {
      const middle = (range[0] + range[1]) / 2;
      return range.map((end) => middle + (end - middle) * factor);
    };
    return setView({ x: scaled(now.x), y: scaled(now.y) });
  }

  // The view follows fingers and the wheel; what comes while Plotly still draws is taken together.
  let target = null;
  let sliding = false;
  function slide(from, to, factor) {
    const now = target || ranges();
    const unit = (now.x[1] - now.x[0]) / width();
    const wanted = home ? (home.x[1] - home.x[0]) / (unit * factor * width()) : 1;
    const grown = unit * (wanted < 0.2 || wanted > 5000 ? 1 : factor);
    const left = now.x[0] + from[0] * unit - to[0] * grown;
    const top = now.y[1] - from[1] * unit + to[1] * grown;
    target = { x: [left, left + grown * width()], y: [top - grown * height(), top] };
    if (!sliding) requestAnimationFrame(follow);
    sliding = true;
  }

  async function follow() {
    const next = target;
    if (alive && next) await Plotly.relayout(plot, { "xaxis.range": next.x, "yaxis.range": next.y });
    if (alive && target !== next) return requestAnimationFrame(follow);
    target = null;
    sliding = false;
    return undefined;
  }

  const depth = () => {
    const now = ranges();
    return now && home ? Math.max(0.2, (home.x[1] - home.x[0]) / (now.x[1] - now.x[0])) : 1;
  };

  let viewTimer = 0;
  function viewChanged() {
    drawSoon();
    clearTimeout(viewTimer);
    viewTimer = setTimeout(() => {
      if (!alive || !plot._fullLayout) return;
      const step = Math.round(Math.log2(depth()) * 2);
      if (step !== zoomStep) schedule();
      if (events.onView) events.onView(flat() ? ranges() : { camera: plot._fullLayout.scene.camera });
    }, 250);
  }

  // Data coordinates to pixels of the stage; null for what lies behind the camera.
  function projector() {
    const full = plot._fullLayout;
    if (!full) return () => null;
    if (!flat()) return project3d(full.scene._scene, width(), height());
    const [x0, x1] = full.xaxis.range;
    const [y0, y1] = full.yaxis.range;
    const [w, h] = [width(), height()];
    return (x, y) => [((x - x0) / (x1 - x0)) * w, ((y1 - y) / (y1 - y0)) * h];
  }

  // ---- painting ------------------------------------------------------------------------------------------

  function schedule() {
    queue = queue.then(() => alive && paint()).catch((error) => {
      if (alive) say("The map could not be drawn: " + (error && error.message ? error.message : error));
    });
    return queue;
  }

  async function paint() {
    const { points, color, highlight, theme } = spec;
    const fresh = painted.points !== points.version || painted.mode !== flat();
    if (painted.mode !== flat()) setTool("pan");
    if (fresh) grid = new Grid(points.x, points.y);
    if (fresh || painted.color !== color.version) {
      ({ shades, ...tally } = shade(color, points.x.length));
      isolated = painted.color === color.version ? isolated : new Set();
      painted.filter = null;
    }
    const filter = `${spec.litVersion || ""}|${[...isolated].join()}|${color.version}|${points.version}`;
    if (painted.filter !== filter) shown = visible();
    if (fresh || painted.color !== color.version || painted.filter !== filter || painted.theme !== theme) furnish();
    zoomStep = Math.round(Math.log2(depth()) * 2);
    const look = sizes(points.x.length, width() * height(), 2 ** (zoomStep / 2), points.weight, flat());
    const key = [filter, highlight.version, zoomStep, theme.background, theme.dark, flat(), Math.round(look.size * 4)].join();
    if (fresh || painted.key !== key) {
      if (!hasGl && (!flat() || points.x.length > MOST_WITHOUT_GL)) {
        throw new Error("this browser offers no WebGL. Switch on hardware acceleration, or try another browser.");
      }
      const data = traces({ points, shades, shown, highlight, look, theme, scale: colorscale(color, theme),
                            type: flat() ? (hasGl ? "scattergl" : "scatter") : "scatter3d" });
      const wasView = ranges();
      if (fresh) await begin(data);
      else await Plotly.react(plot, data, layout(wasView), CONFIG);
    }
    Object.assign(painted, { points: points.version, color: color.version, mode: flat(), filter, key, theme });
    say("");
    describe();
    draw();
    if (Math.round(Math.log2(depth()) * 2) !== zoomStep) schedule();
  }

  async function begin(data) {
    const again = painted.points !== undefined;
    if (again && painted.mode !== flat()) Plotly.purge(plot);
    home = fit();
    const start = !again && spec.view && (spec.view.x || spec.view.camera) ? spec.view : null;
    const make = again && painted.mode === flat() ? Plotly.react : Plotly.newPlot;
    await make(plot, data, layout(start && start.x ? squared(start) : home, start && start.camera), CONFIG);
    for (const name of ["plotly_relayout", "plotly_relayouting"]) {
      plot.removeAllListeners(name);
      plot.on(name, viewChanged);
    }
    // A browser takes graphics memory back from pages that rest; drawing anew brings it back.
    plot.removeAllListeners("plotly_webglcontextlost");
    plot.on("plotly_webglcontextlost", () => {
      if (!alive || ++lost > 3) return;
      const view = ranges();
      painted = {};
      setTimeout(() => { Plotly.purge(plot); schedule().then(() => view && setView(view)); }, 500);
    });
  }

  function layout(view, camera) {
    const common = { width: width(), height: height(), margin: { l: 0, r: 0, t: 0, b: 0, pad: 0 }, showlegend: false,
                     paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: false };
    if (!flat()) {
      const axis = { visible: false, showspikes: false };
      const before = plot._fullLayout && plot._fullLayout.scene;
      return { ...common, scene: { xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "data", hovermode: false,
                                   dragmode: "orbit", camera: camera || (before && before.camera) || CAMERA } };
    }
    const axis = { visible: false, autorange: false, zeroline: false, showgrid: false };
    // The aspect is kept by `squared`, not by scaleanchor: with that, Plotly 4.1 draws everything anew at each step
    // of a zoom (60,000 points: 600 ms of script a step, against 40 ms).
    return { ...common, dragmode: "pan", xaxis: { ...axis, range: view.x }, yaxis: { ...axis, range: view.y } };
  }

  function visible() {
    const { lit, color } = spec;
    if (!lit && !isolated.size) return null;
    const n = spec.points.x.length;
    const mask = new Uint8Array(n);
    for (let i = 0; i < n; i++) mask[i] = (!lit || lit[i]) && (!isolated.size || isolated.has(color.values[i])) ? 1 : 0;
    return mask;
  }

  function furnish() {
    const { theme, color } = spec;
    const rules = { background: theme.background, text: theme.text, muted: theme.muted, accent: theme.accent,
                    line: theme.grid, font: theme.font };
    for (const [name, value] of Object.entries(rules)) wrap.style.setProperty(`--em-${name}`, value);
    wrap.style.colorScheme = theme.dark ? "dark" : "light";
    const gray = theme.dark ? "#6b7280" : "#b3b8c0";
    fillLegend(legend, color, { ...tally, isolated, gray, onIsolate: isolate });
  }

  function isolate(code, more) {
    if (code === null) isolated = new Set();
    else if (isolated.has(code)) isolated.delete(code);
    else isolated = new Set(more ? [...isolated, code] : [code]);
    schedule();
  }

  function describe() {
    const { points, color, highlight } = spec;
    const meaning = color.kind === "category" ? `color shows ${color.title}, ${color.names.length} values`
      : color.kind === "number" ? `color shows ${color.title} from ${formatNumber(color.min)} to ${formatNumber(color.max)} ${color.unit || ""}`.trim()
      : "all in one color";
    const chosen = highlight.items.length ? `, ${highlight.items.length.toLocaleString("en-US")} selected` : "";
    stage.setAttribute("aria-label", `Map of ${points.x.length.toLocaleString("en-US")} points; ${meaning}${chosen}. `
      + "Arrow keys move, plus and minus zoom, Escape clears the selection.");
  }

  function say(text) {
    said.textContent = text;
    said.hidden = !text;
  }

  // ---- overlay -------------------------------------------------------------------------------------------

  let frame = 0;
  function drawSoon() {
    if (!frame) frame = requestAnimationFrame(() => { frame = 0; draw(); });
  }

  function scene(project) {
    const { points, highlight, theme } = spec;
    const at = (item) => (item === null || item === undefined || item < 0 || item >= points.x.length ? null
      : [points.x[item], points.y[item], points.z ? points.z[item] : 0]);
    const look = sizes(points.x.length, width() * height(), 2 ** (zoomStep / 2), null, flat());
    return { labels: spec.labels || [], focus: at(highlight.focus), neighbors: [...(highlight.neighbors || NONE)].map(at).filter(Boolean),
             hover: at(hovered), star: highlight.star, shape, radius: look.size / 2, theme, project,
             faded: highlight.items.length > 0 || Boolean(highlight.star) || at(highlight.focus) !== null, width: width(), height: height() };
  }

  function draw() {
    if (!alive || !plot._fullLayout) return;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width() * ratio), Math.round(height() * ratio)];
    if (overlay.width !== w || overlay.height !== h) Object.assign(overlay, { width: w, height: h });
    const context = overlay.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width(), height());
    drawOverlay(context, scene(projector()));
  }

  async function savePicture() {
    const ratio = 2;
    const url = await Plotly.toImage(plot, { format: "png", width: width(), height: height(), scale: ratio });
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const canvas = element("canvas");
    Object.assign(canvas, { width: width() * ratio, height: height() * ratio });
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = spec.theme.background;
    context.fillRect(0, 0, width(), height());
    context.drawImage(picture, 0, 0, width(), height());
    drawOverlay(context, { ...scene(projector()), hover: null, shape: [] });
    drawLegend(context, spec.color, tally, spec.theme, width());
    const link = element("a");
    link.href = canvas.toDataURL("image/png");
    link.download = spec.fileName || "map.png";
    link.click();
  }

  // ---- pointer and keyboard ------------------------------------------------------------------------------

  function itemAt([px, py], reach) {
    if (!plot._fullLayout || !grid) return -1;
    if (flat()) {
      const { x, y } = ranges();
      const unit = (x[1] - x[0]) / width();
      return grid.nearest(x[0] + px * unit, y[1] - py * unit, reach * unit, shown);
    }
    const project = projector();
    const { points } = spec;
    let best = -1;
    let least = reach * reach;
    for (let i = 0; i < points.x.length; i++) {
      if (shown && !shown[i]) continue;
      const spot = project(points.x[i], points.y[i], points.z[i]);
      const distance = spot ? (spot[0] - px) ** 2 + (spot[1] - py) ** 2 : Infinity;
      if (distance < least) [least, best] = [distance, i];
    }
    return best;
  }

  const hovers = new Map(); // item -> content; the map forgets them with the points
  let hoverTimer = 0;
  let asking = null;
  function hover(at) {
    const item = at ? itemAt(at, 10) : -1;
    if (item === hovered) {
      if (at && !tip.hidden) placeTip(tip, at, width(), height());
      return;
    }
    hovered = item;
    clearTimeout(hoverTimer);
    if (asking) asking.abort();
    asking = null;
    tip.hidden = true;
    stage.classList.toggle("em-pointing", item >= 0);
    drawSoon();
    if (item >= 0 && events.hover) hoverTimer = setTimeout(() => showTip(item, at), hovers.has(item) ? 0 : 80);
  }

  async function showTip(item, at) {
    const mine = (asking = new AbortController());
    try {
      const key = `${spec.hoverVersion || ""}/${spec.points.version}/${item}`;
      if (!hovers.has(key)) {
        if (hovers.size > 500) hovers.clear();
        hovers.set(key, await events.hover(item, mine.signal));
      }
      if (hovered !== item || !alive) return;
      fillTip(tip, hovers.get(key) || {});
      tip.hidden = tip.childElementCount === 0;
      placeTip(tip, at, width(), height());
    } catch {
      // Moved on, or the server is away: a tooltip is not worth an error.
    }
  }

  function setTool(name) {
    tool = flat() ? name : "pan";
    tools.mark(tool, flat());
    stage.classList.toggle("em-drawing", tool !== "pan");
  }

  function toData([px, py]) {
    const { x, y } = ranges();
    return [x[0] + (px / width()) * (x[1] - x[0]), y[1] - (py / height()) * (y[1] - y[0])];
  }

  function onShape(phase, at) {
    if (phase === "start") shape = tool === "box" ? [at, at, at, at] : [at];
    else if (phase === "cancel") shape = [];
    else if (tool === "box") shape = [shape[0], [at[0], shape[0][1]], at, [shape[0][0], at[1]]];
    else shape.push(at);
    if (phase === "end" && shape.length > 2) {
      const corners = shape.map(toData);
      const [xs, ys] = [corners.map((c) => c[0]), corners.map((c) => c[1])];
      const ends = (values) => [Math.min(...values), Math.max(...values)];
      if (events.onSelect) {
        events.onSelect(tool === "box" ? { type: "box", x: ends(xs), y: ends(ys) } : { type: "lasso", x: xs, y: ys });
      }
      setTool("pan");
    }
    if (phase === "end") shape = [];
    drawSoon();
  }

  listen(stage, {
    drawing: () => tool !== "pan",
    lasso: () => setTool("lasso"),
    flat,
    slide,
    shape: onShape,
    hover,
    click(at, again, reach) {
      const item = itemAt(at, reach);
      if (item >= 0) return events.onClick && events.onClick(item);
      if (again) return events.onSelect && events.onSelect(null);
      if (spec.highlight.focus !== null && spec.highlight.focus !== undefined && events.onClick) events.onClick(null);
    },
  }, life.signal);

  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage) return;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (move && flat()) {
      const { x, y } = ranges();
      const step = (x[1] - x[0]) / 8;
      setView({ x: x.map((v) => v + move[0] * step), y: y.map((v) => v + move[1] * step) });
    } else if (event.key === "+" || event.key === "=") zoom(0.7);
    else if (event.key === "-") zoom(1 / 0.7);
    else if (event.key === "0") setView(null);
    else if (event.key === "Escape") {
      if (tool !== "pan") setTool("pan");
      else if (events.onSelect) events.onSelect(null);
    } else return;
    event.preventDefault();
  }, { signal: life.signal });

  // While the pointer or the wheel moves the view, names and rings follow frame by frame.
  stage.addEventListener("wheel", () => { drawSoon(); setTimeout(drawSoon, 60); }, { signal: life.signal, passive: true });
  window.addEventListener("pointermove", (event) => { if (event.buttons) drawSoon(); }, { signal: life.signal, capture: true });

  // On a phone the map leaves room above and below it, so that the page can still be scrolled.
  function tall() {
    const most = narrow() ? Math.max(320, wrap.clientWidth * 1.2) : Infinity;
    stage.style.height = `${Math.round(Math.min(spec.height, most))}px`;
  }

  let size = [0, 0];
  const watcher = new ResizeObserver(() => {
    tall();
    if (!alive || !plot._fullLayout || (size[0] === width() && size[1] === height())) return;
    const before = ranges();
    const atHome = before && home && before.x.every((end, i) => Math.abs(end - home.x[i]) < 1e-9 * (home.x[1] - home.x[0]));
    size = [width(), height()];
    Plotly.relayout(plot, { width: width(), height: height() }).then(() => flat() && setView(atHome ? null : before)).then(drawSoon);
  });

  // ---- the outside ---------------------------------------------------------------------------------------

  function update(next) {
    const jump = next.view && next.viewVersion !== undefined && next.viewVersion !== spec.viewVersion;
    const moved = next.height !== spec.height;
    spec = next;
    if (moved) tall();
    if (hovered >= spec.points.x.length) hovered = -1;
    const done = schedule();
    if (jump) done.then(() => alive && setView(spec.view));
    return done;
  }

  tall();
  say("");
  setTool("pan");
  furnish();
  schedule().then(() => { size = [width(), height()]; watcher.observe(stage); });

  return {
    update,
    ready: () => queue,
    setView,
    view: ranges,
    destroy() {
      alive = false;
      life.abort();
      watcher.disconnect();
      clearTimeout(viewTimer);
      clearTimeout(hoverTimer);
      if (asking) asking.abort();
      Plotly.purge(plot);
      wrap.remove();
    },
  };
}

const CAMERA = { eye: { x: 1.1, y: 1.1, z: 0.8 }, up: { x: 0, y: 0, z: 1 }, center: { x: 0, y: 0, z: 0 } };
const CONFIG = { displayModeBar: false, scrollZoom: true, doubleClick: false, showTips: false, responsive: false };

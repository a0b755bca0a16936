// The interactive map: Plotly paints the points (WebGL), everything else is drawn here. Knows nothing of
// Streamlit; the offline page uses the same file.
//
// createMap(root, Plotly, spec, events) -> {update(spec), destroy()}. Specs are compared by their versions, so
// handing over the same one again does nothing, and a change of colors or highlights never touches the view.

import { Camera, FIRST_CAMERA } from "./camera.js";
import { listen } from "./gestures.js";
import { listenKeys } from "./keys.js";
import { Legend } from "./legend.js";
import { drawOverlay, drawPicture } from "./overlay.js";
import { element, formatNumber, toolbar } from "./panels.js";
import { Grid } from "./pick.js";
import { Tip } from "./tip.js";
import { colorscale, missingColor, shade, sizes, tallied, traces } from "./traces.js";

const NONE = new Int32Array(0);
const MOST_WITHOUT_GL = 20000; // SVG points: slower, but they draw where WebGL is switched off

export function createMap(root, Plotly, firstSpec, events = {}) {
  const life = new AbortController();
  const wrap = element("div", "em-map");
  const stage = element("div", "em-stage");
  const plot = element("div", "em-plot");
  const overlay = element("canvas", "em-overlay");
  const notice = element("div", "em-notice");
  overlay.setAttribute("aria-hidden", "true");
  notice.setAttribute("role", "status");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.append(plot, overlay, notice);
  const narrow = () => wrap.clientWidth < 640;
  const legend = new Legend({
    narrow, onFold: roomChanged, onValue: (code, more) => events.onValue && events.onValue(code, more),
  });
  wrap.append(stage, legend.node);
  root.append(wrap);
  const tip = new Tip(stage, events.hover);

  let spec = firstSpec;
  let painted = {}; // versions of what Plotly shows
  let grid = null;
  let shown = null; // Uint8Array mask of points that meet the filter, or null for all
  let tally = { counts: [], missing: 0 };
  let shades = null; // Float32Array in [0, 1] along the colorscale
  let shape = []; // the lasso or box under way, in pixels
  let tool = "pan";
  let hovered = -1;
  let zoomStep = 0;
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
      { name: "zoomIn", label: "Zoom in", action: () => camera.zoom(0.6) },
      { name: "zoomOut", label: "Zoom out", action: () => camera.zoom(1 / 0.6) },
      { name: "reset", label: "Show everything", action: () => camera.look(null) },
    ],
    [{ name: "picture", label: "Save as a picture (PNG)", action: () => savePicture() }],
  ]);
  stage.append(tools.node);

  const flat = () => spec.mode !== "3d" || !spec.points.z;
  const camera = new Camera(Plotly, plot, stage, {
    flat,
    points: () => spec.points,
    taken: () => legend.covers(),
  });

  // ---- view ----------------------------------------------------------------------------------------------

  let viewTimer = 0;
  function viewChanged() {
    drawSoon();
    clearTimeout(viewTimer);
    viewTimer = setTimeout(() => {
      if (!alive || !plot._fullLayout) return;
      const step = Math.round(Math.log2(camera.depth()) * 2);
      if (step !== zoomStep) schedule();
      if (events.onView) events.onView(camera.seen());
    }, 250);
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
      shades = shade(color, points.x.length);
    }
    const filter = `${spec.litVersion || ""}|${color.version}|${points.version}`;
    const told = JSON.stringify([spec.legend, spec.counts]);
    let moves = false; // whether a legend that came or went gives the whole map other room
    if (painted.filter !== filter || painted.theme !== theme || painted.told !== told) {
      shown = spec.lit || null;
      tally = spec.counts || tallied(color, points, shown);
      const before = legend.covers();
      furnish();
      moves = !fresh && before !== legend.covers() && camera.atHome();
    }
    zoomStep = Math.round(Math.log2(camera.depth()) * 2);
    const look = sizes(points.x.length, camera.width * camera.height, 2 ** (zoomStep / 2), points.weight, flat());
    const key = [filter, highlight.version, zoomStep, theme.background, theme.dark, flat(), Math.round(look.size * 4)].join();
    if (fresh || painted.key !== key) {
      if (!hasGl && (!flat() || points.x.length > MOST_WITHOUT_GL)) {
        throw new Error("this browser offers no WebGL. Switch on hardware acceleration, or try another browser.");
      }
      const data = traces({ points, shades, shown, highlight, look, theme, scale: colorscale(color, theme),
                            type: flat() ? (hasGl ? "scattergl" : "scatter") : "scatter3d" });
      const wasView = camera.ranges();
      if (fresh) await begin(data);
      else await Plotly.react(plot, data, layout(wasView), CONFIG);
    }
    Object.assign(painted, { points: points.version, color: color.version, mode: flat(), filter, key, theme, told });
    if (moves) await camera.look(null).then(() => clearTimeout(viewTimer)); // the reader did not move: no report
    say("");
    describe();
    draw();
    if (Math.round(Math.log2(camera.depth()) * 2) !== zoomStep) schedule();
  }

  async function begin(data) {
    const again = painted.points !== undefined;
    if (again && painted.mode !== flat()) Plotly.purge(plot);
    const home = camera.fit();
    const start = !again && spec.view && (spec.view.x || spec.view.camera) ? spec.view : null;
    const make = again && painted.mode === flat() ? Plotly.react : Plotly.newPlot;
    await make(plot, data, layout(start && start.x ? camera.squared(start) : home, start && start.camera), CONFIG);
    for (const name of ["plotly_relayout", "plotly_relayouting"]) {
      plot.removeAllListeners(name);
      plot.on(name, viewChanged);
    }
    // A browser takes graphics memory back from pages that rest; drawing anew brings it back.
    plot.removeAllListeners("plotly_webglcontextlost");
    plot.on("plotly_webglcontextlost", () => {
      if (!alive || ++lost > 3) return;
      const view = camera.ranges();
      painted = {};
      setTimeout(() => { Plotly.purge(plot); schedule().then(() => view && camera.look(view)); }, 500);
    });
  }

  function layout(view, eye) {
    const common = { width: camera.width, height: camera.height, margin: { l: 0, r: 0, t: 0, b: 0, pad: 0 }, showlegend: false,
                     paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: false };
    if (!flat()) {
      const axis = { visible: false, showspikes: false };
      const before = plot._fullLayout && plot._fullLayout.scene;
      return { ...common, scene: { xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "data", hovermode: false,
                                   dragmode: "orbit", camera: eye || (before && before.camera) || FIRST_CAMERA } };
    }
    const axis = { visible: false, autorange: false, zeroline: false, showgrid: false };
    // The aspect is kept by `squared`, not by scaleanchor: with that, Plotly 4.1 draws everything anew at each step
    // of a zoom (60,000 points: 600 ms of script a step, against 40 ms).
    return { ...common, dragmode: "pan", xaxis: { ...axis, range: view.x }, yaxis: { ...axis, range: view.y } };
  }

  function furnish() {
    const { theme, color } = spec;
    const rules = { background: theme.background, text: theme.text, muted: theme.muted, accent: theme.accent,
                    line: theme.grid, font: theme.font };
    for (const [name, value] of Object.entries(rules)) wrap.style.setProperty(`--em-${name}`, value);
    wrap.style.colorScheme = theme.dark ? "dark" : "light";
    legend.fill(spec.legend === false ? null : color, { ...tally, gray: missingColor(theme) });
  }

  // The legend opened or closed: the whole map gets other room.
  function roomChanged() {
    if (flat() && camera.atHome()) camera.look(null).then(() => clearTimeout(viewTimer));
  }

  function describe() {
    const { points, color, highlight } = spec;
    const meaning = color.kind === "category" ? `color shows ${color.title}, ${color.names.length} values`
      : color.kind === "number" ? `color shows ${color.title} from ${formatNumber(color.min, color.unit)} to ${formatNumber(color.max, color.unit)} ${color.unit || ""}`.trim()
      : "all in one color";
    const chosen = highlight.items.length ? `, ${highlight.items.length.toLocaleString("en-US")} of them selected` : "";
    stage.setAttribute("aria-label", `Map of ${points.x.length.toLocaleString("en-US")} points; ${meaning}${chosen}. `
      + "Arrow keys move, plus and minus zoom, Escape closes what is open.");
  }

  function say(text) {
    notice.textContent = text;
    notice.hidden = !text;
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
    const look = sizes(points.x.length, camera.width * camera.height, 2 ** (zoomStep / 2), null, flat());
    return { labels: spec.labels || [], focus: at(highlight.focus), neighbors: [...(highlight.neighbors || NONE)].map(at).filter(Boolean),
             hover: at(hovered), star: highlight.star, shape, radius: look.size / 2, theme, project,
             nearness: camera.nearness(), faded: highlight.items.length > 0 || Boolean(highlight.star) || at(highlight.focus) !== null,
             width: camera.width, height: camera.height };
  }

  function draw() {
    if (!alive || !plot._fullLayout) return;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (overlay.width !== w || overlay.height !== h) Object.assign(overlay, { width: w, height: h });
    const context = overlay.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    drawOverlay(context, scene(camera.projector()));
  }

  async function savePicture() {
    const still = { ...scene(camera.projector()), hover: null, shape: [] };
    const canvas = await drawPicture(Plotly, plot, still, spec.color, tally, Boolean(legend.covers()));
    const link = element("a");
    link.href = canvas.toDataURL("image/png");
    link.download = spec.fileName || "map.png";
    link.click();
  }

  // ---- pointer and keyboard ------------------------------------------------------------------------------

  function itemAt([px, py], reach) {
    if (!plot._fullLayout || !grid) return -1;
    if (flat()) {
      const { x } = camera.ranges();
      return grid.nearest(...camera.toData([px, py]), (reach * (x[1] - x[0])) / camera.width, shown);
    }
    const project = camera.projector();
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

  function hover(at) {
    const item = at ? itemAt(at, 10) : -1;
    if (item === hovered) return at && tip.move(at);
    hovered = item;
    stage.classList.toggle("em-pointing", item >= 0);
    drawSoon();
    if (item < 0) return tip.hide();
    return tip.show(item, `${spec.hoverVersion || ""}/${spec.points.version}/${item}`, at);
  }

  function setTool(name) {
    tool = flat() ? name : "pan";
    tools.mark(tool, flat());
    stage.classList.toggle("em-drawing", tool !== "pan");
  }

  function onShape(phase, at) {
    if (phase === "start") shape = tool === "box" ? [at, at, at, at] : [at];
    else if (phase === "cancel") shape = [];
    else if (tool === "box") shape = [shape[0], [at[0], shape[0][1]], at, [shape[0][0], at[1]]];
    else shape.push(at);
    if (phase === "end" && shape.length > 2) {
      const corners = shape.map((spot) => camera.toData(spot));
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
    slide: (from, to, factor) => camera.slide(from, to, factor),
    shape: onShape,
    hover,
    click(at, again, reach) {
      const item = itemAt(at, reach);
      if (item >= 0) return events.onClick && events.onClick(item);
      if (again) return events.onSelect && events.onSelect(null);
      if (spec.highlight.focus !== null && spec.highlight.focus !== undefined && events.onClick) events.onClick(null);
    },
  }, life.signal);

  listenKeys(stage, {
    flat,
    move(right, down) {
      const middle = [camera.width / 2, camera.height / 2];
      const step = camera.width / 8;
      camera.slide(middle, [middle[0] - right * step, middle[1] - down * step], 1);
    },
    zoom: (factor) => camera.zoom(factor),
    home: () => camera.look(null),
    escape() {
      if (tool !== "pan") {
        shape = [];
        drawSoon();
        setTool("pan");
      } else if (events.onEscape) events.onEscape();
    },
  }, life.signal);

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
    const now = [camera.width, camera.height];
    if (!alive || !plot._fullLayout || (size[0] === now[0] && size[1] === now[1])) return;
    const before = camera.atHome() ? null : camera.ranges();
    size = now;
    Plotly.relayout(plot, { width: now[0], height: now[1] }).then(() => flat() && camera.look(before)).then(drawSoon);
  });

  // ---- the outside ---------------------------------------------------------------------------------------

  function update(next) {
    const jump = next.view && next.viewVersion !== undefined && next.viewVersion !== spec.viewVersion;
    const moved = next.height !== spec.height;
    spec = next;
    if (moved) tall();
    if (hovered >= spec.points.x.length) hovered = -1;
    const done = schedule();
    if (jump) done.then(() => alive && camera.look(spec.view));
    return done;
  }

  tall();
  say("");
  setTool("pan");
  furnish();
  schedule().then(() => { size = [camera.width, camera.height]; watcher.observe(stage); });

  return {
    update,
    ready: () => queue,
    destroy() {
      alive = false;
      life.abort();
      watcher.disconnect();
      clearTimeout(viewTimer);
      tip.hide();
      camera.closed = true;
      Plotly.purge(plot);
      wrap.remove();
    },
  };
}

const CONFIG = { displayModeBar: false, scrollZoom: true, doubleClick: false, showTips: false, responsive: false };

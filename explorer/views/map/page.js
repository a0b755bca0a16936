// The offline page around the map: reads its data from the page itself, asks nothing of any network.
// Runs in the same script as the map's modules (see assets.one_script).

function unpack(text, Type) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return new Type(bytes.buffer);
}

function insideShape(shape, x, y) {
  const items = [];
  const xs = shape.x;
  const ys = shape.y;
  for (let i = 0; i < x.length; i++) {
    let within = shape.type === "box" && x[i] >= xs[0] && x[i] <= xs[1] && y[i] >= ys[0] && y[i] <= ys[1];
    if (shape.type !== "box") {
      for (let a = 0, b = xs.length - 1; a < xs.length; b = a++) {
        const crosses = ys[a] > y[i] !== ys[b] > y[i];
        if (crosses && x[i] < ((xs[b] - xs[a]) * (y[i] - ys[a])) / (ys[b] - ys[a]) + xs[a]) within = !within;
      }
    }
    if (within) items.push(i);
  }
  return Int32Array.from(items);
}

// The items that have a value of the legend (65535: none) and meet the filter, with those selected before.
function withValue(color, code, lit, before) {
  const items = new Set(before);
  color.values.forEach((value, item) => {
    const held = color.kind === "number" ? Number.isNaN(value) : value === code;
    if (held && (!lit || lit[item])) items.add(item);
  });
  return Int32Array.from(items).sort();
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function startPage() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const [x, y] = [unpack(data.x, Float32Array), unpack(data.y, Float32Array)];
  const near = data.neighbors ? unpack(data.neighbors, Int32Array) : null;
  const far = data.similarities ? unpack(data.similarities, Float32Array) : null;
  const points = { version: "1", x, y, z: data.z ? unpack(data.z, Float32Array) : null,
                   weight: data.weight ? unpack(data.weight, Float32Array) : null };
  const colors = data.colorings.map((c) => ({ ...c, values: unpack(c.packed, c.kind === "number" ? Float32Array : Uint16Array) }));
  const rowsOf = (items) => items.reduce((sum, item) => sum + (points.weight ? points.weight[item] : 1), 0);
  const inWords = (rows) => `${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`;
  const NOTHING = new Int32Array(0);
  const everything = Int32Array.from(x, (_, item) => item);
  const state = { color: 0, item: null, selected: NOTHING, selectedVersion: "none", lit: null, litVersion: "" };
  let searched = null; // lower-cased texts, made at the first search

  const darkness = matchMedia("(prefers-color-scheme: dark)");
  let theme = null;
  function readTheme() {
    const css = getComputedStyle(document.documentElement);
    const value = (name) => css.getPropertyValue(name).trim();
    theme = { background: value("--background"), text: value("--text"), muted: value("--muted"), grid: value("--line"),
              accent: value("--accent"), dark: darkness.matches, font: "system-ui, sans-serif" };
  }

  // A wide window gives the map its whole height; on a phone the panel follows below.
  const mapHeight = () => (innerWidth < 800 ? Math.min(480, innerHeight * 0.66) : Math.max(320, innerHeight - find("map").offsetTop - 40));
  const neighborsOf = (item) => (near && item !== null ? near.slice(item * data.k, (item + 1) * data.k).filter((other) => other >= 0) : NOTHING);
  function spec() {
    return { points, color: colors[state.color], labels: data.labels, lit: state.lit, litVersion: state.litVersion,
             highlight: { version: state.selectedVersion, items: state.selected, focus: state.item, neighbors: neighborsOf(state.item), star: null },
             theme, view: null, height: Math.round(mapHeight()), mode: points.z ? "3d" : "2d", fileName: data.fileName };
  }
  const content = (item) => ({ title: capital(data.ids ? data.ids[item] : `#${item}`), text: data.texts[item], image: data.images ? data.images[item] : null,
                               fields: data.fields.map(([name, values]) => [name, values[item]]).filter(([, value]) => value !== null && value !== "") });

  readTheme();
  const map = createMap(find("map"), window.Plotly, spec(), {
    hover: async (item) => { const { fields, ...rest } = content(item); return { ...rest, fields: fields.slice(0, 4) }; },
    onClick: (item) => choose(item),
    onSelect: (shape) => select(shape ? insideShape(shape, x, y) : NOTHING),
    onValue: (code, more) => select(withValue(colors[state.color], code, state.lit, more ? state.selected : NOTHING)),
    onEscape: () => (state.item !== null ? choose(null) : state.selected.length && select(NOTHING)),
  });
  const redraw = () => map.update(spec());

  function choose(item) {
    state.item = item;
    history.replaceState(null, "", item === null ? location.pathname + location.search : `#${item}`);
    redraw();
    panel();
  }

  function select(items) {
    state.selected = items;
    state.selectedVersion = `${items.length}/${performance.now()}`;
    state.item = null;
    redraw();
    panel();
  }

  function row(item, score) {
    const button = element("button", "row");
    button.type = "button";
    if (score !== null) button.append(element("span", "score", score.toFixed(2)));
    button.append(element("span", "short", data.texts[item] || content(item).title));
    button.addEventListener("click", () => choose(item));
    return button;
  }

  function panel() {
    const box = find("panel");
    box.replaceChildren();
    if (state.item !== null) {
      const { title, text, fields, image } = content(state.item);
      const head = element("div", "head");
      const close = element("button", "close", "×");
      close.type = "button";
      close.setAttribute("aria-label", "Close");
      close.addEventListener("click", () => choose(null));
      head.append(element("h2", "", title), close);
      box.append(head);
      if (image && /^data:image\/(png|jpeg|webp|gif);base64,/.test(image)) {
        const picture = element("img", "picture");
        picture.src = image;
        picture.alt = "";
        box.append(picture);
      }
      box.append(element("div", "text", text));
      const list = element("dl");
      for (const [name, value] of fields) list.append(element("dt", "", name), element("dd", "", String(value)));
      if (fields.length) box.append(list);
      const others = neighborsOf(state.item);
      if (others.length) {
        box.append(element("h3", "", "Nearest in meaning"), element("p", "note", "Compared in the original space, not on this map. 1 is the same."));
        others.forEach((other, place) => box.append(row(other, far ? far[state.item * data.k + place] : null)));
      }
    } else if (state.selected.length) {
      const head = element("div", "head");
      const clear = element("button", "close", "×");
      clear.type = "button";
      clear.setAttribute("aria-label", "Clear the selection");
      clear.addEventListener("click", () => select(NOTHING));
      head.append(element("h2", "", `${inWords(rowsOf(state.selected))} selected`), clear);
      box.append(head);
      state.selected.slice(0, 200).forEach((item) => box.append(row(item, null)));
      if (state.selected.length > 200) box.append(element("p", "note", "The first 200 are listed."));
    } else {
      box.append(element("p", "note", "Points close together have similar meaning. Click one to read it and see what is nearest to it; "
        + "draw a lasso, or click a color in the legend, to list many."));
    }
    box.scrollTop = 0;
  }

  const choice = find("color");
  colors.forEach((color, place) => choice.append(new Option(color.title || "nothing", String(place))));
  choice.addEventListener("change", () => { state.color = Number(choice.value); redraw(); });

  const filter = find("filter");
  let wait = 0;
  function search() {
    const words = filter.value.trim().toLowerCase();
    if (!words) [state.lit, state.litVersion] = [null, ""];
    else {
      searched ??= data.texts.map((text, item) => [text, ...data.fields.map(([, values]) => values[item] ?? "")].join("\n").toLowerCase());
      state.lit = Uint8Array.from(searched, (text) => (text.includes(words) ? 1 : 0));
      state.litVersion = words;
    }
    const found = everything.filter((item) => state.lit && state.lit[item]);
    find("found").textContent = state.lit ? `${rowsOf(found).toLocaleString("en-US")} of ${inWords(rowsOf(everything))}` : "";
    redraw();
  }
  filter.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(search, 150); });

  darkness.addEventListener("change", () => { readTheme(); redraw(); });
  addEventListener("resize", redraw);
  const linked = /^#(\d+)$/.exec(location.hash);
  if (linked && Number(linked[1]) < x.length) choose(Number(linked[1]));
  else panel();
  map.ready().then(() => { document.body.dataset.ready = "1"; });
}

startPage();

// Pointer gestures on the stage, kept apart from what they mean. In 2-D a mouse drag is left to Plotly, which pans
// smoothly; the wheel and fingers are handled here, because Plotly steps the wheel coarsely and knows no pinch.

const STILL = { touch: 12, mouse: 4 }; // pixels a click may tremble; a finger does more than a mouse

// actions: drawing() -> bool, flat() -> bool, lasso() takes up the lasso, shape(phase, at), hover(at|null), click(at, again, reach),
// slide(from, to, factor): what lay at `from` comes to `to`, the view grown by `factor`
export function listen(stage, actions, signal) {
  const down = new Map(); // pointer id -> {at, start, far}
  let lastTap = { time: 0, at: [0, 0] };
  const options = { signal, capture: true };
  const spot = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const still = (event) => STILL[event.pointerType] ?? STILL.mouse;
  const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const onChrome = (event) => event.composedPath().some((node) => node.dataset && node.dataset.chrome);
  const taken = (event) => !onChrome(event) && (actions.drawing() || (event.type === "touchstart" && actions.flat()));

  // Plotly pans on mousedown and touchstart: it must not see those that are handled here.
  for (const name of ["mousedown", "touchstart"]) {
    stage.addEventListener(name, (event) => {
      if (!taken(event)) return;
      event.stopPropagation();
      if (name === "mousedown") event.preventDefault();
    }, { ...options, passive: false });
  }

  stage.addEventListener("pointerdown", (event) => {
    if (onChrome(event) || event.button !== 0) return;
    const at = spot(event);
    if (event.shiftKey && actions.flat()) actions.lasso();
    if (down.size && actions.drawing()) actions.shape("cancel", at);
    down.set(event.pointerId, { at, start: at, far: down.size > 0 });
    for (const pointer of down.values()) pointer.far ||= down.size > 1;
    if (actions.drawing() && down.size === 1) actions.shape("start", at);
  }, options);

  // Moves are watched on the window, because Plotly covers the page with a sheet of its own while it pans.
  window.addEventListener("pointermove", (event) => {
    const pointer = down.get(event.pointerId);
    const at = spot(event);
    if (!pointer) {
      const here = event.pointerType !== "touch" && !down.size && event.composedPath().includes(stage) && !onChrome(event);
      return actions.hover(here ? at : null);
    }
    actions.hover(null);
    const before = pointer.at;
    pointer.at = at;
    pointer.far ||= apart(at, pointer.start) > still(event);
    if (actions.drawing()) return down.size === 1 && actions.shape("move", at);
    if (event.pointerType !== "touch" || !actions.flat() || !pointer.far) return undefined;
    const other = [...down].find(([id]) => id !== event.pointerId);
    if (!other) return actions.slide(before, at, 1);
    const rest = other[1].at;
    const middle = (a) => [(a[0] + rest[0]) / 2, (a[1] + rest[1]) / 2];
    return actions.slide(middle(before), middle(at), Math.max(1, apart(before, rest)) / Math.max(1, apart(at, rest)));
  }, options);

  window.addEventListener("pointerup", (event) => {
    const pointer = down.get(event.pointerId);
    if (!pointer) return;
    down.delete(event.pointerId);
    const at = spot(event);
    const quiet = !pointer.far && apart(at, pointer.start) <= still(event);
    if (actions.drawing()) {
      if (!quiet && !down.size) return actions.shape("end", at);
      actions.shape("cancel", at);
    }
    if (!quiet) return;
    const again = event.timeStamp - lastTap.time < 350 && apart(at, lastTap.at) < 2 * still(event);
    lastTap = { time: again ? 0 : event.timeStamp, at };
    actions.click(at, again, event.pointerType === "touch" ? 24 : 12);
  }, options);

  window.addEventListener("pointercancel", (event) => {
    if (down.delete(event.pointerId) && actions.drawing()) actions.shape("cancel", [0, 0]);
  }, options);

  stage.addEventListener("wheel", (event) => {
    if (onChrome(event) || !actions.flat()) return;
    event.preventDefault();
    event.stopPropagation();
    const lines = event.deltaMode === 1 ? 24 : 1;
    const step = Math.max(-160, Math.min(160, event.deltaY * lines));
    actions.hover(null);
    actions.slide(spot(event), spot(event), Math.exp(step * 0.0022));
  }, { ...options, passive: false });

  stage.addEventListener("pointerleave", () => actions.hover(null), { signal });
}

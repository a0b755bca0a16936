// Keys: the arrows move the view while the map has the focus; Escape closes what is open, wherever the focus is.

// Where one of these is open, Escape is theirs: popovers, dialogs, menus, lists of choices, calendars, cells in edit.
const FIRST = [
  "[role=dialog]", "[role=menu]", "[role=listbox]", "dialog[open]", "[data-testid=stPopoverBody]",
  "[data-testid=stMainMenuPopover]", "[data-baseweb=calendar]", "[data-testid=stDataFrameColumnMenu]", ".gdg-clip-region",
].join(", ");

// actions: flat() -> bool, move(right, down) by so many eighths of the view, zoom(factor), home(), escape()
export function listenKeys(stage, actions, signal) {
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage) return;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (move && actions.flat()) actions.move(...move);
    else if (event.key === "+" || event.key === "=") actions.zoom(0.7);
    else if (event.key === "-") actions.zoom(1 / 0.7);
    else if (event.key === "0") actions.home();
    else return;
    event.preventDefault();
  }, { signal });

  // What somebody has begun to type and not yet sent stays theirs: Escape must not close other things meanwhile.
  let typing = null;
  const options = { signal, capture: true };
  window.addEventListener("input", (event) => { [typing] = event.composedPath(); }, options);
  window.addEventListener("focusout", () => { typing = null; }, options);
  window.addEventListener("keydown", (event) => {
    const [at] = event.composedPath();
    if (event.key === "Enter" && at.tagName !== "TEXTAREA") typing = null;
    if (event.key !== "Escape" || event.isComposing || event.repeat) return;
    const words = at === typing || at.type === "search" ? (at.value ?? at.textContent) : "";
    // Looked up before anybody acts on the key, since by then the popover may be gone.
    if (!words && ![...document.querySelectorAll(FIRST)].some((node) => node.checkVisibility())) actions.escape();
  }, options);
}

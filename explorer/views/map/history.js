// The browser's Back undoes what the reader did last: a question, a row, a selection, a filter. Streamlit adds an entry
// to the history whenever the address changes. Moving or zooming the map changes it too, and an entry each would bury
// the others, so where nothing else changed, the entry there is replaced.

const QUIET = ["view", "show"]; // parameters of the address: what is in view; what a link asks to be selected, once
const DONE = Symbol.for("explorer-history");

function loud(address) {
  const url = new URL(address, location.href);
  QUIET.forEach((name) => url.searchParams.delete(name));
  url.searchParams.sort();
  return url.href;
}

// One entry after the other is compared with the page's address, so it does not matter who adds them.
export function keepViewsOutOf(history) {
  if (history[DONE]) return;
  const push = history.pushState.bind(history);
  history[DONE] = true;
  history.pushState = (state, title, address) => (address && loud(address) === loud(location.href)
    ? history.replaceState(state, title, address) : push(state, title, address));
}

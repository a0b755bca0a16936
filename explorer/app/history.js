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

// Where a script leaves for another page, Streamlit changes what the address says first and the page next. The moment
// between is no place to come back to, so the second replaces the first.
const MOMENT = 3000; // milliseconds

export default function () {
  const { history } = window;
  if (history[DONE]) return;
  const push = history.pushState.bind(history);
  let said = { at: -Infinity, path: "" }; // when the address last changed on the same page, and which
  history[DONE] = true;
  history.pushState = (state, title, address) => {
    const next = new URL(address || location.href, location.href);
    if (loud(next) === loud(location.href)) return history.replaceState(state, title, address);
    const leaves = next.pathname !== location.pathname && next.search === location.search;
    if (leaves && said.path === location.pathname && performance.now() - said.at < MOMENT) {
      said = { at: -Infinity, path: "" };
      return history.replaceState(state, title, address);
    }
    if (next.pathname === location.pathname) said = { at: performance.now(), path: location.pathname };
    return push(state, title, address);
  };
}

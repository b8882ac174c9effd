/** The tabs pattern: arrow keys move between tabs, and moving selects. */

/** Wires a tablist; `changed` is called after another tab was selected. */
export function startTabs(list, changed) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const select = (chosen, focus) => {
    for (const tab of tabs) {
      const is = tab === chosen;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !is;
    }
    if (focus) chosen.focus();
    changed();
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) select(tab, false);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    select(tabs.at(to % tabs.length), true);
  });
  return {
    /** The name of the selected tab: its id without `tab-`. */
    selected: () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true").id.slice("tab-".length),
  };
}

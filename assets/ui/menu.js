/**
 * A menu under a button, as ARIA describes it: a button whose `aria-controls` names an element of role "menu", hidden at first,
 * that holds buttons of role "menuitem". Dash lays both out; what an item does is a click like any other.
 */

const items = (menu) => [...menu.querySelectorAll('[role="menuitem"]:not([disabled])')];

/** @param {import("../view/page/page.js").LocusPage} page @param {string} id of the button */
export function addMenu(page, id) {
  const button = () => document.getElementById(id);
  const menuOf = () => document.getElementById(button()?.getAttribute("aria-controls") ?? "");
  const isOpen = () => menuOf()?.hidden === false;

  function open(at = 0) {
    menuOf().hidden = false;
    button().setAttribute("aria-expanded", "true");
    items(menuOf()).at(at)?.focus();
  }

  /** @param {boolean} back whether the focus goes back to the button @returns {boolean} whether it was open */
  function close(back = true) {
    if (!isOpen()) return false;
    menuOf().hidden = true;
    button().setAttribute("aria-expanded", "false");
    if (back) button().focus();
    return true;
  }

  page.actions.click(id, () => (isOpen() ? close() : open()));
  document.addEventListener("click", /** @param {any} event */ ({ target }) => {
    if (!isOpen() || target.closest?.(`#${CSS.escape(id)}`)) return;
    close(Boolean(target.closest?.('[role="menuitem"]')));
  });
  document.addEventListener("focusin", /** @param {any} event */ ({ target }) => {
    if (isOpen() && !menuOf().contains(target) && target !== button()) close(false);
  });
  // Before the page's own keys: in an open menu arrows do not pan.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.target === button() && (event.key === "ArrowDown" || event.key === "ArrowUp") && !isOpen()) {
        open(event.key === "ArrowDown" ? 0 : -1);
        event.preventDefault();
        return;
      }
      if (!isOpen() || event.ctrlKey || event.metaKey || event.altKey) return;
      const all = items(menuOf());
      const now = all.indexOf(document.activeElement);
      const go = (to) => all.at(to % all.length)?.focus();
      if (event.key === "Escape") close();
      else if (event.key === "ArrowDown") go(now + 1);
      else if (event.key === "ArrowUp") go(now - 1);
      else if (event.key === "Home") go(0);
      else if (event.key === "End") go(-1);
      else if (event.key.length === 1 && event.key !== " ") {
        const letter = event.key.toLowerCase();
        [...all.slice(now + 1), ...all.slice(0, now + 1)].find((item) => item.textContent.trim().toLowerCase().startsWith(letter))?.focus();
      } else return;
      event.preventDefault();
    },
    { capture: true },
  );
}

/** Making elements in one line. */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [properties] "class", "aria-..." and "data-..." become attributes, "on..." listeners, the rest properties
 * @param {...(Node|string|null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class" || name === "role" || name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Resolves with an element once it is in the page. @param {string} id @returns {Promise<HTMLElement>} */
export function appears(id) {
  return new Promise((resolve) => {
    const look = () => {
      const found = document.getElementById(id);
      if (!found) return;
      observer.disconnect();
      resolve(found);
    };
    const observer = new MutationObserver(look);
    observer.observe(document.documentElement, { childList: true, subtree: true });
    look();
  });
}

/** Go where a link with these properties would lead. */
export function follow(address, properties) {
  const link = element("a", { href: address, rel: "noopener", ...properties });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Give a person a file. */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  follow(address, { download: name });
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Copy to the clipboard, also where the page is served without TLS and the clipboard interface is missing. */
export async function copyText(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const area = element("textarea", { value: words, class: "visually-hidden" });
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** Put a popover under a button, inside the window. */
export function placeBeside(popover, button) {
  const { left, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = popover;
  popover.style.left = `${Math.max(8, Math.min(innerWidth - offsetWidth - 8, left))}px`;
  const below = bottom + 4 + offsetHeight < innerHeight;
  popover.style.top = `${Math.max(8, below ? bottom + 4 : top - offsetHeight - 4)}px`;
}

/** Close a popover that is open. @param {HTMLElement} popover @returns {boolean} whether it was */
export function closePopover(popover) {
  if (!popover.matches(":popover-open")) return false;
  popover.hidePopover();
  return true;
}

/** The accuracy page: Dash draws its figures, in the theme that the page tells it. */
import { dashReady, startDash } from "../../ui/dash.js";
import { theme } from "../../ui/palette.js";
import { showPerson } from "../../ui/person.js";
import { startTheme, toggleTheme, whenThemed } from "../../ui/theme.js";

startTheme();
void showPerson();
document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("#theme-toggle")) toggleTheme();
});
// What an address points to comes after the page.
const { hash } = location;
if (hash) {
  new MutationObserver((_, observer) => {
    const asked = document.getElementById(hash.slice(1));
    if (!asked) return;
    observer.disconnect();
    asked.scrollIntoView();
  }).observe(document.body, { childList: true, subtree: true });
}
startDash();
const dash = await dashReady("accuracy-panels");
const tell = () => dash.set_props("accuracy-theme", { data: theme });
whenThemed(tell);
tell();

/** The accuracy page: Dash draws its figures, in the theme that the page tells it. */
import { dashReady, startDash } from "../../ui/dash.js";
import { theme } from "../../ui/palette.js";
import { startTheme, toggleTheme, whenThemed } from "../../ui/theme.js";

startTheme();
document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("#theme-toggle")) toggleTheme();
});
startDash();
const dash = await dashReady("accuracy-panels");
const tell = () => dash.set_props("accuracy-theme", { data: theme });
whenThemed(tell);
tell();

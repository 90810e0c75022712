/** The login page: all that moves there is the theme; the form needs no script. */
import { startTheme, toggleTheme } from "./theme.js";

startTheme();
document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("#theme-toggle")) toggleTheme();
});

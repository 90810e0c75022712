/** The about page: all that moves there is the theme. */
import { startTheme, toggleTheme } from "../../ui/theme.js";

startTheme();
document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("#theme-toggle")) toggleTheme();
});

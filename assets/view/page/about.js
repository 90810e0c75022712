/** The about page: all that moves there is the theme. */
import { showPerson } from "../../ui/person.js";
import { startTheme, toggleTheme } from "../../ui/theme.js";

startTheme();
void showPerson();
document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("#theme-toggle")) toggleTheme();
});

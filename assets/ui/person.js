/** Who is logged in, in the bar of every page, and the way out. */
import { request } from "./api.js";
import { element } from "./dom.js";

/** Fill the place that pages have where people log in. */
export async function showPerson() {
  const host = document.getElementById("person");
  if (!host) return;
  /** @type {import("./answers.js").Me} */
  const { person, login } = await request(new URL("../../api/v1/me", import.meta.url));
  const name = element("span", { class: "person-name", title: `Logged in as ${person}` }, person);
  const leave = element("button", { class: "button", type: "button", onclick: logOut }, "Log out");
  // Who a proxy let in, it lets out.
  host.replaceChildren(name, ...(login === "passwords" ? [leave] : []));
}

async function logOut() {
  await request(new URL("../../logout", import.meta.url), { method: "POST", headers: { "X-Sighthound": "1" } });
  location.assign(new URL("../../login", import.meta.url));
}

/**
 * Addresses to send to a colleague. One of up to 1,500 characters says everything itself; a longer one is kept on the server
 * and named by a short `?s=`, which is a hash of what it shows.
 */
import { getJson, postJson } from "../../ui/api.js";
import { LONGEST_ADDRESS, parametersOf, searchIn, searchOf } from "./state.js";

/**
 * What the address bar asks for; where a short address is not known, the default view and why.
 * @param {{search: string, hash: string}} place
 * @returns {Promise<{search: string, problem: string}>}
 */
export async function openAddress(place, fetchJson = getJson) {
  const search = searchIn(place);
  const { s: name } = parametersOf(search);
  if (!name) return { search, problem: "" };
  try {
    const { state } = await fetchJson(`shares/${encodeURIComponent(decodeURIComponent(name))}`);
    return { search: searchOf(state), problem: "" };
  } catch (error) {
    return { search: "", problem: error.message };
  }
}

/**
 * The address of a view for others; where the server keeps none, the long one, and why.
 * @param {string} search "?..." @param {(name: string, body: any) => Promise<any>} [post]
 * @returns {Promise<{address: string, problem: string}>}  address: "?..." or "#..."
 */
export async function addressToShare(search, post = postJson) {
  if (search.length <= LONGEST_ADDRESS) return { address: search, problem: "" };
  try {
    const { id } = await post("shares", { state: parametersOf(search) });
    return { address: `?s=${id}`, problem: "" };
  } catch (error) {
    return { address: `#${search.slice(1)}`, problem: error.message };
  }
}

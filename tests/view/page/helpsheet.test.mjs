import assert from "node:assert/strict";
import test from "node:test";
import { Actions } from "../../../assets/ui/actions.js";
import { keySheet } from "../../../assets/view/page/helpsheet.js";

test("the sheet has every key that says what it does, in groups, and Escape as the last of the page", () => {
  const actions = new Actions();
  actions.key(["?"], () => {}, { says: "this sheet" });
  actions.key(["Enter"], () => {}, { says: "explain", shown: "Enter on a row", onView: true });
  actions.key(["ArrowLeft", "a"], () => {}, { says: "pan left", shown: "\u2190 or A", group: "Move" });
  actions.key(["n"], () => {}, { says: "next gene", group: "Places" });
  actions.key(["x"], () => {});
  const sheet = keySheet(actions.keys);
  assert.deepEqual(sheet.map(([group]) => group), ["Move", "Rows", "Page", "Places"]);
  assert.deepEqual(sheet[0][1], [["\u2190 or A", "pan left"]]);
  assert.deepEqual(sheet[2][1].map(([keys]) => keys), ["?", "Esc"]);
});

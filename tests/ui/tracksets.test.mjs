import assert from "node:assert/strict";
import test from "node:test";
import { cleanName, parseSets, SavedSets, writeSets } from "../../assets/ui/tracksets.js";

/** What a browser's localStorage does. */
class Storage {
  kept = new Map();

  getItem(key) {
    return this.kept.get(key) ?? null;
  }

  setItem(key, value) {
    this.kept.set(key, value);
  }
}

test("a set is there again in the next visit, for its own project only", () => {
  const storage = new Storage();
  new SavedSets("lab|hg38", {}, storage).save("liver", ["a", "b"]);
  assert.deepEqual([...new SavedSets("lab|hg38", {}, storage).all()], [["liver", ["a", "b"]]]);
  assert.equal(new SavedSets("lab|mm10", {}, storage).all().size, 0);
});

test("a set of a name that exists takes its place, and can be deleted", () => {
  const sets = new SavedSets("lab", {}, new Storage());
  let changes = 0;
  sets.onChange = () => (changes += 1);
  sets.save("liver", ["a"]);
  sets.save("liver", ["b"]);
  assert.deepEqual(sets.own().get("liver"), ["b"]);
  sets.remove("liver");
  assert.equal(sets.own().size, 0);
  assert.equal(changes, 3);
});

test("the project's sets are for everybody, and give way to one's own", () => {
  const sets = new SavedSets("lab", { liver: ["a"], lung: ["b"] }, new Storage());
  sets.save("lung", ["c"]);
  assert.deepEqual(Object.fromEntries(sets.all()), { lung: ["c"], liver: ["a"] });
  sets.remove("lung");
  assert.deepEqual(sets.all().get("lung"), ["b"]);
});

test("what is exported can be taken in", () => {
  const storage = new Storage();
  const sets = new Map([["liver, adult", ["a", "b"]], ["2", ["c"]]]);
  const here = new SavedSets("lab", {}, storage);
  assert.equal(here.take(writeSets(sets)), 2);
  assert.deepEqual(parseSets(writeSets(here.all())), parseSets(writeSets(sets)));
});

test("a table of sets may come from a spreadsheet", () => {
  assert.deepEqual([...parseSets("\uFEFFset\ttrack\r\nliver\ta\r\n\r\nliver\tb\r\nliver\ta\r\n")], [["liver", ["a", "b"]]]);
});

test("a file that is no table of sets is refused with the line", () => {
  assert.throws(() => parseSets("id\tname\n"), /begins with "id\tname"/);
  assert.throws(() => parseSets("set\ttrack\nliver\n"), /Line 2 of the table of sets is "liver"/);
});

test("what someone else left in the storage is no set", () => {
  const storage = new Storage();
  storage.setItem("sighthound.sets:lab", "not json");
  assert.equal(new SavedSets("lab", {}, storage).all().size, 0);
});

test("a browser that keeps nothing says so", () => {
  const storage = { getItem: () => null, setItem: () => { throw new Error("QuotaExceededError"); } };
  assert.throws(() => new SavedSets("lab", {}, storage).save("liver", ["a"]), /storage is full or switched off/);
});

test("a name fits into one cell", () => {
  assert.equal(cleanName("  liver\tand\n lung "), "liver and lung");
});

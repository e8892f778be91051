import { expect, test } from "bun:test";
import { reasonOf } from "../../domain/error.ts";
import { questdbAddressOf, shownAddress } from "./address.ts";

test("an address names host, both ports, user, password and prefix", () => {
  const text = "questdb://plant:s%40cret@db.example:9010?pg=8822&prefix=north&durability=relaxed";
  const address = questdbAddressOf(text);
  expect(address).toEqual({
    host: "db.example",
    httpPort: 9010,
    pgPort: 8822,
    user: "plant",
    password: "s@cret",
    prefix: "north",
    isRelaxed: true,
  });
  expect(shownAddress(address)).toBe("QuestDB at db.example:9010");
});

test("what is left out is QuestDB's default", () => {
  expect(questdbAddressOf("questdb://db.example")).toMatchObject({
    ...{ httpPort: 9000, pgPort: 8812, user: "admin", prefix: "foresight", isRelaxed: false },
  });
});

test.each([
  ["no address", "secret"],
  ["another scheme", "postgres://u:secret@h"],
  ["no host", "questdb://"],
  ["a path", "questdb://u:secret@h/db"],
  ["an unknown parameter", "questdb://u:secret@h?pgport=1"],
  ["a prefix with a quote", "questdb://u:secret@h?prefix=a'b"],
  ["a port that is none", "questdb://u:secret@h?pg=99999"],
  ["another durability", "questdb://u:secret@h?durability=none"],
])("refused without showing the password: %s", (_name, text) => {
  let reason = "";
  try {
    questdbAddressOf(text);
  } catch (error) {
    reason = reasonOf(error);
  }
  expect(reason).toContain("write questdb://user:password@host:9000");
  expect(reason).not.toContain("secret");
});

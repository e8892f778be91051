import { expect, test } from "bun:test";
import { readConfig } from "./config.ts";

test("a wrong setting is named with what it holds and what it must be", () => {
  expect(() => readConfig({ FORESIGHT_MAX_SERIES: "many" })).toThrow(
    "FORESIGHT_MAX_SERIES=many: must be a whole number from 1 to 50000000 (series)",
  );
});

test("a wrong address is named without the password in it", () => {
  const read = () => readConfig({ FORESIGHT_SERIES_URL: "questdb://u:hidden@host/path" });
  expect(read).toThrow(/^FORESIGHT_SERIES_URL: it has a path; write/);
  expect(read).not.toThrow(/hidden/);
});

import { expect, test } from "bun:test";
import { landingOf } from "./session.tsx";

test.each([
  ["/assets?page=2#top", "/assets?page=2#top"],
  ["/", "/"],
  [undefined, "/"],
  ["", "/"],
  ["https://elsewhere.example/", "/"],
  ["//elsewhere.example", "/"],
  ["/\\elsewhere.example", "/"],
  ["/\t/elsewhere.example", "/"],
  ["/\n/elsewhere.example", "/"],
  ["/a\\..\\..", "/"],
  ["javascript:alert(1)", "/"],
])("after signing in with next=%j one lands on %s", (next, landing) => {
  expect(landingOf(next)).toBe(landing);
});

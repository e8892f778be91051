import { expect, test } from "bun:test";
import { cookieOf, isCrossSite, sameText } from "./security.ts";

const asked = (headers: Record<string, string>) =>
  new Request("http://plant.example/x", { method: "POST", headers });

test.each([
  ["another site's page", { "sec-fetch-site": "cross-site" }, true],
  ["another port of this host", { "sec-fetch-site": "same-site" }, true],
  ["our own page", { "sec-fetch-site": "same-origin" }, false],
  ["the address bar", { "sec-fetch-site": "none" }, false],
  ["a program", {}, false],
  ["an old browser elsewhere", { origin: "http://evil.example", host: "plant.example" }, true],
  ["an old browser here", { origin: "http://plant.example", host: "plant.example" }, false],
  ["an origin that is none", { origin: "%%%", host: "plant.example" }, true],
] as const)("%s", (_who, headers, isAnother) => {
  expect(isCrossSite(asked(headers))).toBe(isAnother);
});

test.each([
  ["a=1; foresight_session=t=x; b=2", "t=x"],
  ["foresight_session=", ""],
  ["other_foresight_session=1", undefined],
  ["", undefined],
])("the session's cookie of %j", (cookie, value) => {
  expect(cookieOf(asked({ cookie }), "foresight_session")).toBe(value);
});

test("texts are the same only whole", () => {
  expect(sameText("abc", "abc")).toBe(true);
  for (const other of ["abd", "ab", "", "abcd"]) expect(sameText("abc", other)).toBe(false);
});

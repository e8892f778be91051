import { expect, test } from "bun:test";
import { readListenAddress } from "./listen-address.ts";

test.each([
  ["127.0.0.1:9010", "127.0.0.1", 9010],
  ["127.0.0.1", "127.0.0.1", 9009],
  [":9010", "0.0.0.0", 9010],
  ["plant.example:1", "plant.example", 1],
  ["[::1]:9010", "::1", 9010],
  ["[::]", "::", 9009],
] as const)("an address: %s", (text, host, port) => {
  expect(readListenAddress(text, 9009)).toEqual({ host, port });
});

test.each(["", "::1", "a:b", "a:99999", "a b:1", "[::1"])("no address: %s", (text) => {
  expect(() => readListenAddress(text, 9009)).toThrow("must be HOST:PORT");
});

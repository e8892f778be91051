import { expect, test } from "bun:test";
import { isTenantSlug, isZone } from "./tenant.ts";

test.each([
  ["acme", true],
  ["a", true],
  ["north-2", true],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
  ["", false],
  ["Acme", false],
  ["-acme", false],
  ["acme-", false],
  ["ac me", false],
  ["acme\n", false],
  ["../etc", false],
])("tenant slug %p: %p", (slug, isFine) => {
  expect(isTenantSlug(slug)).toBe(isFine);
});

test.each([
  ["UTC", true],
  ["Europe/Madrid", true],
  ["Mars/Base", false],
  ["", false],
])("zone %p: %p", (zone, isKnown) => {
  expect(isZone(zone)).toBe(isKnown);
});

import { expect, test } from "bun:test";
import { generateKeyPairSync, sign } from "node:crypto";
import { isGenuine } from "./signature.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { x = "", y = "" } = publicKey.export({ format: "jwk" });
const KEY = { tenantId: "acme", tenantNo: 1, sourceNo: 1, x, y };
const CHALLENGE = "some challenge ~ !";

const signed = (text: string, dsaEncoding: "der" | "ieee-p1363") =>
  sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding }).toString("base64");

test.each([
  ["r and s", signed(CHALLENGE, "ieee-p1363"), true],
  ["DER", signed(CHALLENGE, "der"), true],
  ["r and s of another text", signed("another", "ieee-p1363"), false],
  ["DER of another text", signed("another", "der"), false],
  ["nothing", "", false],
  ["no base64", "\u0000~~", false],
  ["64 zeros", Buffer.alloc(64).toString("base64"), false],
  ["DER that is cut short", signed(CHALLENGE, "der").slice(0, 40), false],
] as const)("a signature: %s", (_name, signature, isGood) => {
  expect(isGenuine(KEY, CHALLENGE, signature)).toBe(isGood);
});

test("a key that is no point of the curve opens nothing", () => {
  const broken = { ...KEY, y: x };
  expect(isGenuine(broken, CHALLENGE, signed(CHALLENGE, "der"))).toBe(false);
});

test("DER of every length that short numbers give", () => {
  for (let i = 0; i < 300; i++) {
    const text = `challenge ${i}`;
    expect(isGenuine(KEY, text, signed(text, "der"))).toBe(true);
    expect(isGenuine(KEY, text, signed(text, "ieee-p1363"))).toBe(true);
  }
});

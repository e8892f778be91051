import { expect, test } from "bun:test";
import {
  type AuthenticationEvent,
  type AuthenticationState,
  authenticate,
  CHALLENGE_BYTES,
  drawChallenge,
} from "./authentication.ts";

const KEY = { tenantId: "acme", tenantNo: 1, sourceNo: 2, x: "x", y: "y" };
const keyId: AuthenticationState = { kind: "key-id" };
const lookingUp: AuthenticationState = { kind: "looking-up", keyId: "k" };
const signature: AuthenticationState = { kind: "signature", keyId: "k", key: KEY, challenge: "c" };
const unknown: AuthenticationState = { ...signature, key: undefined };
const isIn: AuthenticationState = { kind: "in", keyId: "k", key: KEY };
const refused = (reason: string) => ({ kind: "refused", reason });
const line = (text: string): AuthenticationEvent => ({ kind: "line", text });
const long: AuthenticationEvent = { kind: "line-too-long" };
const found: AuthenticationEvent = { kind: "key", key: KEY, challenge: "c" };
const missing: AuthenticationEvent = { kind: "key", key: undefined, challenge: "c" };

test.each([
  ["a key id is looked up", keyId, line("k"), lookingUp, undefined],
  ["an empty key id is refused", keyId, line(""), refused("malformed key id"), undefined],
  ["a key id with a space is a line", keyId, line("m v=1"), refused("malformed key id"), undefined],
  ["a key id without an end", keyId, long, refused("line too long"), undefined],
  ["a known key is challenged", lookingUp, found, signature, "c\n"],
  ["an unknown key is challenged too", lookingUp, missing, unknown, "c\n"],
  ["a line before the challenge waits", lookingUp, line("s"), lookingUp, undefined],
  ["the right signature opens", signature, line("good"), isIn, undefined],
  ["a wrong one does not", signature, line("bad"), refused("wrong signature"), undefined],
  ["nothing opens without a key", unknown, line("good"), refused("unknown key"), undefined],
  ["a signature without an end", signature, long, refused("line too long"), undefined],
] as const)("authenticate: %s", (_name, state, event, next, send) => {
  const verify = (_key: unknown, challenge: string, text: string) =>
    challenge === "c" && text === "good";
  expect(authenticate(state, event, verify)).toEqual({
    next: next as AuthenticationState, // `refused` above takes any reason
    send,
  });
});

test("a challenge is printable and uses the whole range", () => {
  const all = drawChallenge((count) => Uint8Array.from({ length: count }, (_, i) => i));
  expect(all).toHaveLength(CHALLENGE_BYTES);
  expect(all).toMatch(/^[\x20-\x7e]+$/);
  expect(new Set(all).size).toBe(95);
});

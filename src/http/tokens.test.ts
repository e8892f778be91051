import { expect, test } from "bun:test";
import { createTokenSigner } from "./tokens.ts";

const claims = { userId: "u1", tenantId: "acme" };

test("a signed token says what was signed", async () => {
  const signer = createTokenSigner(new Uint8Array(32).fill(1));
  expect(await signer.verify(await signer.sign(claims, 60))).toEqual(claims);
});

test("a token that has ended, is another key's, or is cut is nobody's", async () => {
  const signer = createTokenSigner(new Uint8Array(32).fill(1));
  const other = createTokenSigner(new Uint8Array(32).fill(2));
  const good = await signer.sign(claims, 60);
  expect(await signer.verify(await signer.sign(claims, -1))).toBeUndefined();
  expect(await other.verify(good)).toBeUndefined();
  expect(await signer.verify(good.slice(0, -2))).toBeUndefined();
  expect(await signer.verify("")).toBeUndefined();
});

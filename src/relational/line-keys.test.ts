import { expect } from "bun:test";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import type { Relational } from "../domain/relational.ts";

async function tenant(store: Relational, id: string) {
  const who = systemActor(id, "test");
  await store.tenants.create({ id, name: id }, who);
  return { who, no: (await store.tenants.get(id))?.no };
}

onEveryPlace("line keys", ({ test, store }) => {
  test("a key is shown once, bound to a source, and dead when revoked", async () => {
    const { who, no } = await tenant(store(), "line-keys");
    const change = { idempotencyKey: "one" };
    const { key, secret } = await store().lineKeys.create(who, { name: "plc" }, change);
    const [source] = await store().sources.list(who);
    expect(source).toMatchObject({ name: "plc", kind: "line-protocol", id: key.sourceId });
    expect(await store().lineKeys.find(secret.kid)).toEqual({
      ...{ tenantId: who.tenantId, tenantNo: no ?? 0, sourceNo: source?.no ?? 0 },
      ...{ x: secret.x, y: secret.y },
    });
    await expect(store().lineKeys.create(who, { name: "plc" }, change)).rejects.toMatchObject({
      code: "conflict",
    });
    const kept = [await store().lineKeys.list(who), await store().audit.list(who, {})];
    expect(JSON.stringify(kept)).toContain(secret.kid);
    expect(JSON.stringify(kept)).not.toContain(secret.d);
    await store().lineKeys.revoke(who, key.id, { version: 1 });
    expect(await store().lineKeys.find(secret.kid)).toBeUndefined();
    expect(await store().lineKeys.find("fsl_invented")).toBeUndefined();
  });

  test("the private part is the public one's", async () => {
    const { who } = await tenant(store(), "line-key-pair");
    const { secret } = await store().lineKeys.create(who, { name: "plc" });
    const { kid: _, ...jwk } = secret;
    const { x, y } = createPublicKey(createPrivateKey({ key: jwk, format: "jwk" })).export({
      format: "jwk",
    });
    expect({ x, y }).toEqual({ x: secret.x, y: secret.y });
  });

  test("a device that made its key brings the public point alone; a point of no curve is refused", async () => {
    const { who } = await tenant(store(), "line-key-public");
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const key = await store().lineKeys.add(who, { name: "plc", x, y });
    expect(await store().lineKeys.find(key.keyId)).toMatchObject({ tenantId: who.tenantId, x, y });
    const wrong = { name: "plc", x, y: x };
    await expect(store().lineKeys.add(who, wrong)).rejects.toMatchObject({ code: "invalid" });
    expect(await store().lineKeys.list(who)).toHaveLength(1);
  });

  test("another tenant neither sees nor revokes it, nor binds one to its source", async () => {
    const { who } = await tenant(store(), "line-key-own");
    const other = await tenant(store(), "line-key-other");
    const { key, secret } = await store().lineKeys.create(who, { name: "plc" });
    expect(await store().lineKeys.list(other.who)).toEqual([]);
    expect(await store().lineKeys.get(other.who, key.id)).toBeUndefined();
    await expect(store().lineKeys.revoke(other.who, key.id)).rejects.toMatchObject({
      code: "not-found",
    });
    const foreign = { name: "thief", sourceId: key.sourceId };
    await expect(store().lineKeys.create(other.who, foreign)).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await store().lineKeys.find(secret.kid)).toMatchObject({ tenantId: who.tenantId });
  });
});

import { expect } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { systemActor } from "../domain/actor.ts";
import type { Relational } from "../domain/relational.ts";

const PASSWORD = "correct horse battery";
const HOUR_MS = 3_600_000;

async function tenant(store: Relational, id: string) {
  const who = systemActor(id, "test");
  const { no } = await store.tenants.create({ id, name: id, currency: "EUR" }, who);
  const ann = {
    email: " Ann@Example.com ",
    name: "Ann",
    role: "admin",
    password: PASSWORD,
  } as const;
  return { who, no, user: await store.users.create(who, ann) };
}

onEveryPlace("people and keys", ({ test, store, admin }) => {
  test("a tenant has a slug, a zone that exists and a currency", async () => {
    const by = systemActor("", "test");
    const create = (over: object) => store().tenants.create({ id: "t1", name: "T", ...over }, by);
    for (const wrong of [
      { id: "T 1" },
      { id: "" },
      { zone: "Mars/Base" },
      { currency: "euro" },
      { name: " " },
    ])
      await expect(create(wrong)).rejects.toMatchObject({ code: "invalid" });
    expect(await create({ zone: "Europe/Madrid" })).toMatchObject({
      zone: "Europe/Madrid",
      version: 1,
    });
    await expect(create({})).rejects.toMatchObject({ code: "conflict" });
    const renamed = await store().tenants.update(
      systemActor("t1", "x"),
      { name: "Two" },
      { version: 1 },
    );
    expect(renamed).toMatchObject({ name: "Two", version: 2 });
  });

  test("signing in takes the right password of an enabled user, in each tenant of that address", async () => {
    const a = await tenant(store(), "sign-a");
    const b = await tenant(store(), "sign-b");
    const check = (password: string, id?: string) =>
      store().users.check("ann@example.com", password, id);
    expect((await check(PASSWORD)).map((one) => one.tenantId).sort()).toEqual(["sign-a", "sign-b"]);
    expect((await check(PASSWORD, "sign-a")).map((one) => one.user)).toEqual([a.user]);
    expect(await check(`${PASSWORD} `)).toEqual([]);
    expect(await store().users.check("nobody@example.com", PASSWORD)).toEqual([]);
    const bob = {
      email: "bob@example.com",
      name: "Bob",
      role: "admin",
      password: PASSWORD,
    } as const;
    await store().users.create(b.who, bob);
    await store().users.update(b.who, b.user.id, { disabled: true });
    expect((await check(PASSWORD)).map((one) => one.tenantId)).toEqual(["sign-a"]);
    const [row] = await admin()`select password_hash from users where tenant_id = 'sign-a'`;
    expect(row?.password_hash).toStartWith("$argon2id$");
  });

  test("an address is taken once in a tenant, and short passwords are refused", async () => {
    const { who } = await tenant(store(), "twice");
    const ann = {
      email: "ANN@example.com",
      name: "Ann",
      role: "viewer",
      password: PASSWORD,
    } as const;
    await expect(store().users.create(who, ann)).rejects.toThrow("user: email is taken already");
    for (const wrong of [{ password: "short" }, { email: "ann" }, { name: "" }])
      await expect(
        store().users.create(who, { ...ann, email: "new@example.com", ...wrong }),
      ).rejects.toMatchObject({ code: "invalid" });
  });

  test("the last admin stays one", async () => {
    const { who, user } = await tenant(store(), "last");
    for (const patch of [{ role: "viewer" as const }, { disabled: true }])
      await expect(store().users.update(who, user.id, patch)).rejects.toMatchObject({
        code: "conflict",
      });
    expect(await store().users.get(who, user.id)).toMatchObject({ role: "admin", version: 1 });
  });

  test("a session is found by its token until it ends, is closed, or its user is disabled", async () => {
    const { who, no, user } = await tenant(store(), "session");
    const open = (idleMs: number) =>
      store().sessions.open({ tenantId: "session", userId: user.id, from: "10.0.0.1", idleMs });
    const first = await open(HOUR_MS);
    const found = await store().sessions.find(first.token, "10.0.0.2");
    expect(found?.csrf).toBe(first.csrf);
    expect(found?.caller).toEqual({
      ...{ tenantId: "session", tenantNo: no, kind: "session", id: user.id, name: "Ann" },
      ...{ role: "admin", scope: undefined, sessionId: first.sessionId, from: "10.0.0.2" },
      sourceNo: undefined,
    });
    for (const token of ["", first.csrf, `${first.token}x`, first.sessionId])
      expect(await store().sessions.find(token, "")).toBeUndefined();
    expect(await store().sessions.find((await open(-1)).token, "")).toBeUndefined();
    await store().sessions.close(first.token);
    expect(await store().sessions.find(first.token, "")).toBeUndefined();
    const second = await open(HOUR_MS);
    await store().users.setPassword(who, user.id, `${PASSWORD}2`);
    expect(await store().sessions.find(second.token, "")).toBeUndefined();
    const kept = await admin()`select token_hash from sessions where tenant_id = 'session'`;
    expect(JSON.stringify(kept)).not.toContain(first.token);
  });

  test("a sign-in link works once, and not after its time", async () => {
    const { user } = await tenant(store(), "link");
    const link = await store().sessions.createLink("link", user.id, HOUR_MS);
    const late = await store().sessions.createLink("link", user.id, -1);
    expect(await store().sessions.redeemLink(link)).toEqual({ tenantId: "link", userId: user.id });
    expect(await store().sessions.redeemLink(link)).toBeUndefined();
    expect(await store().sessions.redeemLink(late)).toBeUndefined();
    const ended = { tenantId: "link", userId: user.id, from: "", idleMs: -1 };
    await store().sessions.open(ended);
    expect(await store().sweep()).toBeGreaterThan(0);
  });

  test("a key is shown once, bound to a source, and dead when revoked or expired", async () => {
    const { who, no } = await tenant(store(), "keys");
    const change = { idempotencyKey: "one" };
    const { key, token } = await store().apiKeys.create(
      who,
      { name: "plc", scope: "write" },
      change,
    );
    const [source] = await store().sources.list(who);
    expect(source).toMatchObject({ name: "plc", kind: "line-protocol", id: key.sourceId });
    const found = await store().apiKeys.find(token, "10.0.0.3");
    expect(found).toMatchObject({
      ...{ sourceNo: source?.no, expiresAtUs: undefined },
      caller: { tenantNo: no, kind: "key", id: key.id, scope: "write", sourceNo: source?.no },
    });
    await expect(
      store().apiKeys.create(who, { name: "plc", scope: "write" }, change),
    ).rejects.toMatchObject({ code: "conflict" });
    const audit = await store().audit.list(who, {});
    expect(JSON.stringify(audit)).not.toContain(token);
    await store().apiKeys.revoke(who, key.id, { version: 1 });
    expect(await store().apiKeys.find(token, "")).toBeUndefined();
    const past = { name: "old", scope: "read", expiresAtUs: 1 } as const;
    const old = await store().apiKeys.create(who, past);
    expect(old.key.sourceId).toBeUndefined();
    expect(await store().apiKeys.find(old.token, "")).toBeUndefined();
  });

  test("a secret comes back to its tenant alone and is nowhere kept in clear", async () => {
    const { who } = await tenant(store(), "secret");
    const other = await tenant(store(), "secret-other");
    await store().secrets.set(who, "sap", "hunter2 is the password");
    expect(await store().secrets.reveal(who, "sap")).toBe("hunter2 is the password");
    expect(await store().secrets.reveal(other.who, "sap")).toBeUndefined();
    // Another tenant's box under one's own name does not open: the name and tenant are sealed in.
    await admin()`insert into secrets select 'secret-other', name, box, set_at_us from secrets
      where tenant_id = 'secret'`;
    await expect(store().secrets.reveal(other.who, "sap")).rejects.toMatchObject({
      code: "internal",
    });
    const dump = await admin()`select encode(box, 'escape') as box from secrets`;
    expect(JSON.stringify([dump, await store().audit.list(who)])).not.toContain("hunter2");
    await store().secrets.remove(who, "sap");
    expect(await store().secrets.names(who)).toEqual([]);
  });
});

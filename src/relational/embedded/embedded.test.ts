import { afterAll, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { need, testWith } from "../../../test/services/needs.ts";
import { embeddedPlace, openForTest } from "../../../test/services/relational.ts";
import { temporaryFolder } from "../../../test/services/temporary-folder.ts";
import { waitFor } from "../../../test/services/wait.ts";
import { systemActor } from "../../domain/actor.ts";
import { isEmbeddedRunning } from "../index.ts";
import { readPostmaster, whoHas } from "./postmaster-file.ts";
import { findRunner, invocation } from "./runner.ts";
import { pgDataOf } from "./server.ts";
import { socketFolder, socketPath } from "./socket-folder.ts";

const who = systemActor("acme", "test");
const opened: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const store of opened) await store.close();
});

async function start(dataFolder: string) {
  const store = await openForTest(await embeddedPlace(dataFolder));
  opened.push(store);
  return store;
}

const pidOf = (dataFolder: string) => readPostmaster(pgDataOf(dataFolder))?.pid ?? 0;

test("it listens on a private socket alone, flushes, and keeps what it was given", async () => {
  const folder = temporaryFolder("embedded");
  const first = await start(folder);
  await first.tenants.create({ id: "acme", name: "Acme" }, who);
  const settings = first.connectionSettings;
  const socket = "host" in settings ? settings.host : "";
  expect(statSync(socket).mode & 0o777).toBe(0o700);
  const sockets = readFileSync(`/proc/${pidOf(folder)}/net/tcp`, "utf8").split("\n");
  expect(sockets.filter((line) => line.includes(":1538 "))).toEqual([]); // 5432 in hex
  await first.close();
  await first.close();
  expect([isEmbeddedRunning(folder), existsSync(socket)]).toEqual([false, false]);
  const second = await start(folder);
  expect((await second.tenants.list()).map((tenant) => tenant.id)).toEqual(["acme"]);
  await second.close();
});

test("killed under the running store, it is back, and nothing that was written is gone", async () => {
  const folder = temporaryFolder("embedded");
  const store = await start(folder);
  await store.tenants.create({ id: "acme", name: "Acme" }, who);
  for (let round = 1; round <= 3; round++) {
    await store.assets.create(who, { key: `P-${round}` });
    const killed = pidOf(folder);
    process.kill(killed, "SIGKILL");
    const away = () =>
      store.assets.all(who).then(
        () => "there",
        (error: { code: string }) => error.code,
      );
    const answers = new Set<string>();
    await waitFor("PostgreSQL to be back", async () => {
      answers.add(await away());
      // Its children outlive it by a moment and still answer, so another one must have come.
      const isNew = pidOf(folder) !== killed;
      return isNew && store.state() === "up" && (await away()) === "there";
    });
    answers.delete("there");
    expect([...answers].every((code) => code === "unavailable")).toBe(true);
    expect((await store.assets.all(who)).length).toBe(round);
  }
  await store.close();
}, 60_000);

test("it ends when its parent is killed, and the next start finds what was acknowledged", async () => {
  const folder = temporaryFolder("embedded");
  const script = join(import.meta.dir, "../../../test/services/relational-child.ts");
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const said = Promise.withResolvers<string>();
  child.stdout.once("data", (bytes: Buffer) => said.resolve(bytes.toString().trim()));
  expect(await said.promise).toBe("written");
  const pid = pidOf(folder);
  expect(whoHas(pid, pgDataOf(folder))).toBe("postgres");
  child.kill("SIGKILL");
  await waitFor("PostgreSQL to end", () => whoHas(pid, pgDataOf(folder)) !== "postgres");
  const store = await start(folder);
  expect((await store.tenants.list()).map((tenant) => tenant.id)).toEqual(["acme"]);
  await store.close();
});

test("one that was left behind with its guard killed is ended by the next start", async () => {
  const folder = temporaryFolder("embedded");
  const script = join(import.meta.dir, "../../../test/services/relational-child.ts");
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const left = pidOf(folder);
  const guard = Number(readFileSync(`/proc/${left}/stat`, "utf8").split(") ")[1]?.split(" ")[1]);
  child.kill("SIGKILL");
  process.kill(guard, "SIGKILL");
  await waitFor("the guard to end", () => !existsSync(`/proc/${guard}/fd`));
  const store = await start(folder);
  expect(pidOf(folder)).not.toBe(left);
  expect(whoHas(left, pgDataOf(folder))).not.toBe("postgres");
  expect((await store.tenants.list()).length).toBe(1);
  await store.close();
});

test("a second program may look at it while it runs, and not when it does not", async () => {
  const folder = temporaryFolder("embedded");
  const store = await start(folder);
  await store.tenants.create({ id: "acme", name: "Acme" }, who);
  const { tempFolder } = await embeddedPlace(folder);
  const place = { kind: "attached", dataFolder: folder, tempFolder } as const;
  const looking = await openForTest(place);
  expect((await looking.counts()).map((row) => row.tenantId)).toEqual(["acme"]);
  await looking.close();
  expect((await store.tenants.list()).length).toBe(1);
  await store.close();
  await expect(openForTest(place)).rejects.toMatchObject({ code: "unavailable" });
});

test.each([
  ["no PG_VERSION", (pg: string) => rmSync(join(pg, "PG_VERSION")), /is damaged/],
  [
    "another version",
    (pg: string) => writeFileSync(join(pg, "PG_VERSION"), "14\n"),
    /PostgreSQL 14/,
  ],
  ["no control file", (pg: string) => rmSync(join(pg, "global/pg_control")), /is damaged/],
  [
    "a cut control file",
    (pg: string) => truncateSync(join(pg, "global/pg_control"), 10),
    /does not start: .*pg_control/,
  ],
  ["no WAL", (pg: string) => rmSync(join(pg, "pg_wal"), { recursive: true }), /does not start: /],
] as const)("a data folder with %s is refused in one sentence", async (_name, harm, message) => {
  const folder = temporaryFolder("embedded");
  await (await start(folder)).close();
  harm(pgDataOf(folder));
  const refused = start(folder);
  await expect(refused).rejects.toMatchObject({ code: "unavailable" });
  await expect(refused).rejects.toThrow(message);
  const text = await refused.catch((error: Error) => error.message);
  expect(text).not.toContain("\n");
  expect(isEmbeddedRunning(folder)).toBe(false);
});

test("a database that was only half made is made anew", async () => {
  const folder = temporaryFolder("embedded");
  const left = `${pgDataOf(folder)}.new-999999999`;
  mkdirSync(left);
  const store = await start(folder);
  expect(existsSync(left)).toBe(false);
  await store.close();
});

test.each([
  ["a plain user runs it directly", { uid: 1000 }, { kind: "direct" }],
  ["root in a user namespace", { uid: 0, mayUnshare: true }, { kind: "namespace" }],
] as const)("%s", (_name, options, runner) => {
  expect(findRunner({ folder: "/", ...options })).toEqual(runner);
});

test("root without namespaces takes a service user, else says what to do", () => {
  const folder = temporaryFolder("embedded");
  const passwd = join(folder, "passwd");
  const find = (text: string) => {
    writeFileSync(passwd, text);
    return () => findRunner({ folder: "/", uid: 0, mayUnshare: false, passwd });
  };
  const nobody = "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false";
  expect(find(nobody)()).toEqual({ kind: "user", uid: 65534, gid: 65534 });
  expect(find(`${nobody}\npostgres:x:77:78::/:/bin/false`)()).toMatchObject({ uid: 77, gid: 78 });
  expect(find("root:x:0:0::/:/bin/sh")).toThrow(
    /start as a plain user or set FORESIGHT_DATABASE_URL/,
  );
});

const asRoot = need(process.getuid?.() === 0, "only root can start PostgreSQL as another user");
testWith(asRoot)("root without namespaces really runs it as that user", async () => {
  const home = temporaryFolder("embedded");
  const dataFolder = join(home, "data");
  mkdirSync(dataFolder, { mode: 0o700 });
  const source = await embeddedPlace(dataFolder);
  const pgRoot = join(home, "runtime", "postgres");
  cpSync(source.pgRoot, pgRoot, { recursive: true, verbatimSymlinks: true });
  chmodSync(join(home, "runtime"), 0o700);
  const place = { ...source, pgRoot, mayUnshare: false };
  for (let round = 0; round < 2; round++) {
    const store = await openForTest(place);
    opened.push(store);
    expect(readFileSync(`/proc/${pidOf(dataFolder)}/status`, "utf8")).not.toMatch(/Uid:\s+0/);
    if (round === 0) await store.tenants.create({ id: "acme", name: "Acme" }, who);
    expect((await store.tenants.list()).length).toBe(1);
    await store.close();
  }
  chmodSync(home, 0o700);
  await expect(openForTest(place)).rejects.toThrow(/which cannot reach .*start as a plain user/);
});

test("as another user, its id goes to the program and no namespace is made", () => {
  const asUser = invocation({ kind: "user", uid: 5, gid: 6 }, "/bin/x", ["-a"]);
  expect(asUser).toEqual({ command: "/bin/x", args: ["-a"], uid: 5, gid: 6 });
});

test("the socket's folder is short for any data folder, and the same each time", () => {
  const deep = join(temporaryFolder("embedded"), "a".repeat(90), "b".repeat(90));
  mkdirSync(deep, { recursive: true });
  const folder = socketFolder(deep, "/tmp");
  expect(folder).toBe(socketFolder(deep, "/tmp"));
  expect(socketPath(folder).length).toBeLessThan(60);
  expect(() => socketFolder(deep, `/tmp/${"c".repeat(90)}`)).toThrow(/set TMPDIR/);
  chmodSync(deep, 0o755);
});

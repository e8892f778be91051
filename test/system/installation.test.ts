import { expect } from "bun:test";
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { embeddedOnly } from "../services/embedded-only.ts";
import { freePort } from "../services/free-port.ts";
import { type Found, need, testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { apiClient } from "./api-client.ts";
import {
  BINARY,
  binary,
  createToken,
  foresight,
  inspect,
  type Ran,
  setUpTenant,
  startServer,
} from "./harness.ts";

const START_US = 1_790_000_000_000_000;
const isRoot = process.getuid?.() === 0;
const asRoot = need(isRoot, "not root, who alone may become another user");

/** A user that owns nothing, to run as. */
const NOBODY = 65_534;
const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];

/** Whether a network namespace of our own, with loopback only, can be made. */
function findNamespace(): Found<readonly string[]> {
  const wrap = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  const works = Bun.spawnSync([...wrap, "true"]).success;
  return works
    ? { ok: true, value: wrap }
    : { ok: false, why: "no network namespace can be made here (unshare -n, ip)" };
}

/** One clear sentence: no stack, no second line of noise. */
function expectOneSentence(ran: Ran, pattern: RegExp): void {
  expect(ran.code).not.toBe(0);
  const lines = ran.stderr.trim().split("\n");
  const last = lines.at(-1) ?? "";
  expect(last).toMatch(pattern);
  expect(ran.stderr).not.toMatch(/^\s+at /m);
  expect(lines.length).toBeLessThanOrEqual(3);
}

testWith(binary)("version and help answer; an unknown command is named", async () => {
  const version = await foresight(["version", "--json"]);
  expect(JSON.parse(version.stdout)).toMatchObject({ version: expect.any(String) });
  const help = await foresight(["help"]);
  for (const name of ["serve", "demo", "setup", "token", "import", "train", "score", "inspect"])
    expect(help.stdout).toMatch(new RegExp(`^ +${name} `, "m"));
  expectOneSentence(await foresight(["fly"]), /no command fly/);
  expectOneSentence(await foresight(["serve", "--port", "high"]), /high is not a port/);
});

testWith(binary)("a taken port gets one clear sentence", async () => {
  const blocker = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const data = join(temporaryFolder("taken"), "data");
  const args = ["serve", "--data", data, "--port", String(blocker.port)];
  const ran = await foresight(args, { limitMs: 30_000 });
  blocker.stop(true);
  expectOneSentence(ran, new RegExp(`${blocker.port}.*(taken|in use)`));
});

testWith(binary, asRoot)("an unwritable folder gets one clear sentence", async () => {
  const folder = temporaryFolder("unwritable");
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o755 });
  const args = ["serve", "--data", data, "--port", String(await freePort())];
  const ran = await foresight(args, { wrap: asNobody, limitMs: 30_000 });
  expectOneSentence(ran, /data.*(writ|permission)/i);
});

testWith(binary)(
  "a data folder that is a file, or of something else, is refused and kept",
  async () => {
    const folder = temporaryFolder("odd");
    const file = join(folder, "file");
    writeFileSync(file, "hello");
    expectOneSentence(await foresight(["serve", "--data", file, "--port", "0"]), /file/);
    expect(statSync(file).size).toBe(5);
  },
);

testWith(binary)("two servers never share a data folder", async () => {
  const data = join(temporaryFolder("shared"), "data");
  const server = await startServer({ data });
  const second = await foresight(["serve", "--data", data, "--port", String(await freePort())], {
    limitMs: 60_000,
  });
  expectOneSentence(second, /another|running|process|lock/i);
  expect((await apiClient(server.url, "").get("/health")).status).toBe(200);
  expect(await server.stop()).toBe(0);
});

testWith(binary)("runs alone in an empty folder, and a second start goes on with it", async () => {
  const folder = temporaryFolder("alone");
  const copy = join(folder, "foresight");
  cpSync(BINARY, copy);
  const data = join(folder, "data");
  const env = { HOME: join(folder, "no-home"), PATH: "/usr/bin:/bin:/usr/sbin:/sbin" };
  const server = await startServer({ data, cwd: folder, env });
  await setUpTenant(data, "acme");
  const token = await createToken(data, "acme", "write");
  const sent = await apiClient(server.url, token).write(`pump,asset=A v=1 ${START_US}`);
  expect(sent.status).toBe(204);
  expect(await inspect(data)).toMatchObject({ readings: 1, series: 1 });
  expect(await server.stop()).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(["data", "foresight"]);
  expect(existsSync(env.HOME)).toBe(false);

  expect(await inspect(data)).toMatchObject({ readings: 1, series: 1, buckets: 1 });
  const again = await startServer({ data, cwd: folder, env });
  const client = apiClient(again.url, token);
  expect((await client.write(`pump,asset=A v=2 ${START_US + 1_000_000}`)).status).toBe(204);
  expect(await inspect(data)).toMatchObject({ readings: 2, tenants: { acme: { readings: 2 } } });
  expect(await again.stop()).toBe(0);
});

testWith(binary)(
  "set-up and tokens need no running server, and no password is built in",
  async () => {
    const data = join(temporaryFolder("offline"), "data");
    await setUpTenant(data, "acme");
    const token = await createToken(data, "acme", "write");
    expect(token).toMatch(/^\S{20,}$/);
    const server = await startServer({ data });
    const client = apiClient(server.url, token);
    expect((await client.write(`pump,asset=A v=1 ${START_US}`)).status).toBe(204);
    for (const password of ["", "admin", "password", "foresight", "changeme"]) {
      const tried = await apiClient(server.url, "").post("/api/v1/token", {
        email: "admin@acme.example",
        password: password === "" ? " " : password,
      });
      expect([401, 503]).toContain(tried.status);
    }
    await server.stop();
  },
);

testWith(binary, asRoot)(
  "runs as a plain user, below a home that only they may enter",
  async () => {
    const folder = temporaryFolder("plain");
    const home = join(folder, "home");
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, NOBODY, NOBODY);
    chmodSync(home, 0o700);
    const data = join(home, "data");
    const server = await startServer({ data, wrap: asNobody, env: { HOME: home }, cwd: "/" });
    expect((await apiClient(server.url, "").get("/health")).status).toBe(200);
    const isOwn = (path: string) => statSync(join(data, path)).uid === NOBODY;
    expect(readdirSync(data).filter((path) => !isOwn(path))).toEqual([]);
    expect(await server.stop()).toBe(0);
  },
);

testWith(binary, asRoot)("runs as root below a home that nobody else may enter", async () => {
  const home = join(temporaryFolder("root"), "home");
  mkdirSync(home, { mode: 0o700 });
  const server = await startServer({ data: join(home, "data"), env: { HOME: home } });
  expect((await apiClient(server.url, "").get("/health")).status).toBe(200);
  expect(await server.stop()).toBe(0);
});

const namespace = findNamespace();
testWith(binary, namespace)("needs nothing but loopback", async () => {
  if (!namespace.ok) return;
  const folder = temporaryFolder("loopback");
  const data = join(folder, "data");
  // What is asked must be asked inside of the namespace as well.
  const script = [
    '"$0" serve --data "$1" --port 8080 & server=$!',
    "i=0; while [ $i -lt 300 ]; do i=$((i+1)); sleep 0.1;",
    "curl -sf http://127.0.0.1:8080/health >/dev/null && break; done",
    'echo "a long enough password" | "$0" setup --data "$1" --tenant acme --name Acme ' +
      "--email a@example.com --password-stdin >&2",
    'token=$("$0" token create --data "$1" --tenant acme --name plc --scope write)',
    'curl -s -o /dev/null -w "%{http_code}\\n" -H "Authorization: Bearer $token" ' +
      `--data-binary "pump,asset=A v=1 ${START_US}" "http://127.0.0.1:8080/write?db=x&precision=us"`,
    '"$0" inspect --data "$1" --json',
    "kill $server; wait $server; echo ended $?",
  ].join("\n");
  const child = Bun.spawn([...namespace.value, "sh", "-c", script, BINARY, data], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  await child.exited;
  const lines = out.trim().split("\n");
  expect([lines[0], lines.at(-1)], err).toEqual(["204", "ended 0"]);
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ readings: 1, series: 1 });
});

/** What can happen to a file. */
const HARMS: readonly (readonly [string, (path: string) => void])[] = [
  ["cut in half", (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
  [
    "overwritten in the middle",
    (path) => {
      const file = openSync(path, "r+");
      writeSync(file, new Uint8Array(64).fill(0xa5), 0, 64, Math.floor(statSync(path).size / 2));
      closeSync(file);
    },
  ],
  ["emptied", (path) => truncateSync(path, 0)],
];

/** Files of a data folder that hold state, the larger first. */
function stateFiles(data: string): string[] {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/runtime\/|\/postgres|\/pg/.test(path) && statSync(path).size > 64)
    .sort((a, b) => statSync(b).size - statSync(a).size);
}

testWith(binary, embeddedOnly("copied data folder"))(
  "damaged files are named, or mended without loss, but never ignored",
  async () => {
    const data = join(temporaryFolder("damaged"), "data");
    const server = await startServer({ data });
    await setUpTenant(data, "acme");
    const client = apiClient(server.url, await createToken(data, "acme", "write"));
    const lines = Array.from({ length: 500 }, (_, i) => `p,asset=A v=${i} ${START_US + i * 1e6}`);
    expect((await client.write(lines.join("\n"))).status).toBe(204);
    await server.stop();
    const before = await inspect(data);
    expect(before.readings).toBe(500);

    for (const path of stateFiles(data).slice(0, 8)) {
      for (const [kind, harm] of HARMS) {
        const broken = `${temporaryFolder("broken")}/data`;
        cpSync(data, broken, { recursive: true });
        harm(join(broken, path.slice(data.length + 1)));
        const ran = await foresight(["inspect", "--data", broken, "--json"]);
        const where = `${path} ${kind}`;
        if (ran.code === 0) expect([where, JSON.parse(ran.stdout)]).toEqual([where, before]);
        else expect([where, ran.stderr.trim()]).toEqual([where, expect.stringMatching(/\S+ \S+/)]);
        expect(ran.stderr).not.toMatch(/^\s+at /m);
      }
    }
  },
  240_000,
);

testWith(binary)("Ctrl-C stops it cleanly, twice in a row as well", async () => {
  const data = join(temporaryFolder("ctrl-c"), "data");
  const server = await startServer({ data });
  process.kill(server.pid, "SIGINT");
  process.kill(server.pid, "SIGINT");
  expect([0, 130]).toContain(await server.exited);
  await waitFor("no process of ours", () => {
    const left = Bun.spawnSync(["pgrep", "-f", data]).stdout.toString().trim();
    return left === "";
  });
});

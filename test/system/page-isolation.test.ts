import { afterAll, beforeAll, expect } from "bun:test";
import { type Caller, mayUse, ROLES } from "../../src/domain/access.ts";
import { NOBODY, type Route } from "../../src/domain/route.ts";
import { webRoutes } from "../../src/web/index.ts";
import { testWith } from "../services/needs.ts";
import { type Answer, apiClient } from "./api-client.ts";
import { binary, PASSWORD, type Server } from "./harness.ts";
import { INVENTED, type NounMaker, type Nouns } from "./nouns.ts";
import { PAGE_CASES, PAGES_APART, type PageCase } from "./page-cases.ts";
import { OTHER, startTwoTenants, type TwoTenants, withoutIds } from "./two-tenants.ts";

/** Somebody signed in on the pages. */
type Person = {
  readonly name: string;
  readonly caller: Caller;
  readonly cookie: string;
  readonly csrf: string;
};

const SIGNED_OUT: Person = { name: "nobody", caller: NOBODY, cookie: "", csrf: "" };
let both: TwoTenants;
let server: Server;
let owner: NounMaker;
let people: Person[] = [];
let unique = 0;

/** Stands in for everything a route is made with: none of it is used before a request comes. */
function nothing(): never {
  const stub: unknown = new Proxy(() => stub, { get: () => stub });
  return stub as never; // only read for the table
}

const table: Route[] = webRoutes(nothing()).filter((route) => route.permission !== "open");
const keyOf = (route: Route) => `${route.method} ${route.path}`;

async function signIn(tenant: string, email: string, password: string) {
  const nobody = apiClient(server.url, "");
  const answer = await nobody.request("POST", "/sign-in", {
    body: new URLSearchParams({ tenant, email, password }),
    headers: { origin: server.url },
  });
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await nobody.request("GET", "/me", { headers: { cookie } });
  const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
  expect([email, answer.status, csrf === ""]).toEqual([email, 303, false]);
  return { cookie, csrf };
}

beforeAll(async () => {
  if (!binary.ok) return;
  both = await startTwoTenants();
  ({ server, owner } = both);
  for (const role of ROLES) {
    const email = `${role}@pages.example`;
    const password = "a password for this role";
    const fields = { email, name: role, role, password };
    const made = await owner.admin.post(`/api/v1/users/${owner.tenantId}`, fields);
    expect(made.status).toBe(201);
    const { tenantId } = owner;
    const session = await signIn(tenantId, email, password);
    people.push({ name: role, caller: { ...NOBODY, tenantId, role }, ...session });
  }
}, 900_000);

afterAll(async () => {
  people = [];
  await server?.stop();
});

function send(person: Person, route: Route, one: PageCase, ids: Nouns): Promise<Answer> {
  const id = one.id === undefined ? "score" : String(ids[one.id]);
  const query = one.query === undefined ? "" : `?${one.query(ids)}`;
  const path = `${route.path.replace(":id", id)}${query}`;
  const client = apiClient(server.url, "");
  const headers = { cookie: person.cookie, origin: server.url };
  if (route.method === "GET") return client.request("GET", path, { headers });
  const fields = one.form?.(ids, `u${unique++}x`) ?? {};
  return client.request(route.method, path, {
    body: new URLSearchParams({ ...fields, csrf: person.csrf }),
    headers,
  });
}

/** An answer without what differs from one time to the next: keys of forms, tokens, times. */
function shape(answer: Answer, ids: Nouns): string {
  const text = withoutIds(`${answer.status} ${answer.body}`, ids)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, "#")
    .replace(/\d+/g, "0");
  return `${text} ${answer.headers.get("location") === null ? "" : "moved"}`;
}

function carriesIds(one: PageCase): boolean {
  const text = (ids: Nouns) => JSON.stringify([one.form?.(ids, ""), one.query?.(ids)]);
  return one.id !== undefined || text(both.theirs) !== text(INVENTED);
}

function isToSignIn(answer: Answer): boolean {
  return answer.status === 303 && (answer.headers.get("location") ?? "").startsWith("/sign-in");
}

testWith(binary)("every page has a case here, and no case is left over", () => {
  const keys = table.map(keyOf);
  expect(keys.length).toBeGreaterThan(40);
  const known = [...Object.keys(PAGE_CASES), ...PAGES_APART];
  expect(keys.filter((key) => !known.includes(key))).toEqual([]);
  expect(known.filter((key) => !keys.includes(key))).toEqual([]);
});

testWith(binary)(
  "every page answers its owner",
  async () => {
    const wrong: string[] = [];
    const admin = people.find((p) => p.name === "admin") ?? SIGNED_OUT;
    let own = await owner.make();
    for (const route of table) {
      const one = PAGE_CASES[keyOf(route)];
      if (one === undefined) continue;
      if (one.once) own = await owner.make();
      const answer = await send(admin, route, one, own);
      const isFine = route.method === "GET" ? answer.status === 200 : answer.status < 400;
      if ((!isFine && !one.alsoFine?.includes(answer.status)) || isToSignIn(answer))
        wrong.push(`${keyOf(route)}: ${answer.status} ${answer.body.slice(-600)}`);
    }
    expect(wrong).toEqual([]);
  },
  300_000,
);

testWith(binary)(
  "every page asks of each role what the table of permissions says",
  async () => {
    const wrong: string[] = [];
    for (const route of table) {
      const one = PAGE_CASES[keyOf(route)];
      if (one === undefined) continue;
      const nobody = await send(SIGNED_OUT, route, one, INVENTED);
      if (!isToSignIn(nobody)) wrong.push(`${keyOf(route)} nobody: ${nobody.status}`);
      for (const person of people) {
        const may = mayUse(route.permission, person.caller);
        const answer = await send(person, route, one, INVENTED);
        const isRefused = answer.status === 403 || isToSignIn(answer);
        if (may === isRefused) wrong.push(`${keyOf(route)} ${person.name}: ${answer.status}`);
      }
    }
    expect(wrong).toEqual([]);
  },
  300_000,
);

testWith(binary)(
  "no page shows or changes anything of another tenant, or tells that it is there",
  async () => {
    const wrong: string[] = [];
    const before = await both.snapshot();
    for (const route of table) {
      const one = PAGE_CASES[keyOf(route)];
      if (one === undefined || !carriesIds(one)) continue;
      for (const person of people) {
        const found = await send(person, route, one, both.theirs);
        const invented = await send(person, route, one, INVENTED);
        const [a, b] = [shape(found, both.theirs), shape(invented, INVENTED)];
        const where = `${keyOf(route)} ${person.name}`;
        if (one.id !== undefined && found.status < 400) wrong.push(`${where}: ${found.status}`);
        const at = [...a].findIndex((char, i) => char !== b[i]);
        if (a !== b)
          wrong.push(`${where}: ${a.slice(at - 60, at + 60)} | ${b.slice(at - 60, at + 60)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(await both.snapshot()).toBe(before);
  },
  300_000,
);

/** Names of events that an open page is sent until `isEnough`, or until 5 s are over. */
async function eventsOf(cookie: string, isEnough: (names: Set<string>) => boolean) {
  const names = new Set<string>();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 5_000);
  try {
    const answer = await fetch(`${server.url}/live`, { headers: { cookie }, signal: abort.signal });
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      for (const match of decoder.decode(chunk, { stream: true }).matchAll(/^event: (.*)$/gm))
        names.add(match[1] ?? "");
      if (isEnough(names)) break;
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
  return names;
}

testWith(binary)("an open page is told of changes in its own tenant only", async () => {
  const { cookie } = await signIn(OTHER, `admin@${OTHER}.example`, PASSWORD);
  const admin = people.find((p) => p.name === "admin") ?? SIGNED_OUT;
  const never = () => false;
  const isTold = (names: Set<string>) => names.has("alerts");
  const theirs = eventsOf(cookie, never);
  const ours = eventsOf(admin.cookie, isTold);
  await owner.make();
  expect([...(await ours)]).toContain("alerts");
  expect([...(await theirs)].filter((name) => name !== "tick")).toEqual([]);
});

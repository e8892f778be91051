import { afterAll, beforeAll, describe, expect } from "bun:test";
import { type Caller, mayUse, ROLES } from "../../src/domain/access.ts";
import { NOBODY } from "../../src/domain/route.ts";
import { testWith } from "../services/needs.ts";
import { type Answer, type ApiClient, apiClient, signedInClient } from "./api-client.ts";
import { binary, createToken, type Server } from "./harness.ts";
import { INVENTED, type NounMaker, type Nouns, READ_AT_US } from "./nouns.ts";
import { ROUTE_CASES, type RouteCase } from "./route-cases.ts";
import {
  OTHER,
  startTwoTenants,
  type TableRoute,
  type TwoTenants,
  withoutIds,
} from "./two-tenants.ts";

type Person = { readonly name: string; readonly caller: Caller; readonly client: ApiClient };

let both: TwoTenants;
let server: Server;
let table: readonly TableRoute[] = [];
let owner: NounMaker;
let foreign: NounMaker;
let people: Person[] = [];
let theirs: Nouns;
let unique = 0;

async function peopleOf(tenantId: string, admin: ApiClient): Promise<Person[]> {
  const found: Person[] = [];
  for (const role of ROLES) {
    const email = `${role}@roles.example`;
    const password = "a password for this role";
    const made = await admin.post(`/api/v1/users/${tenantId}`, {
      email,
      name: role,
      role,
      password,
    });
    expect(made.status).toBe(201);
    const client = await signedInClient(server.url, tenantId, email, password);
    found.push({ name: role, client, caller: { ...NOBODY, tenantId, kind: "jwt", role } });
  }
  for (const scope of ["write", "read", "admin"] as const) {
    const client = apiClient(server.url, await createToken(server.data, tenantId, scope));
    found.push({ name: `key ${scope}`, client, caller: { ...NOBODY, tenantId, scope } });
  }
  return found;
}

beforeAll(async () => {
  if (!binary.ok) return;
  both = await startTwoTenants();
  ({ server, table, owner, foreign, theirs } = both);
  people = await peopleOf(owner.tenantId, owner.admin);
}, 900_000);

afterAll(async () => {
  await server?.stop();
});

function keyOf(route: TableRoute): string {
  return `${route.method} ${route.path.replace("/api/v1", "")}`;
}

function pathOf(route: TableRoute, one: RouteCase, tenantId: string, ids: Nouns): string {
  const id = one.id === undefined ? "" : String(ids[one.id]);
  const path = route.path
    .replace(":tenantId", tenantId)
    .replace(/:(id|seriesNo)\b/, id)
    .replace(":atUs", String(READ_AT_US));
  return one.query === undefined ? path : `${path}?${one.query(ids)}`;
}

function send(
  client: ApiClient,
  route: TableRoute,
  one: RouteCase,
  tenantId: string,
  ids: Nouns,
): Promise<Answer> {
  const name = `u${unique++}x`;
  const path = pathOf(route, one, tenantId, ids);
  if (route.method === "GET" || route.method === "DELETE")
    return client.request(route.method, path);
  return client.request(route.method, path, {
    body: JSON.stringify(one.body?.(ids, name) ?? {}),
    headers: { "content-type": "application/json" },
  });
}

/** Whether a request carries an id at all; others say the same whatever ids we have in mind. */
function carriesIds(one: RouteCase): boolean {
  const text = (ids: Nouns) => JSON.stringify([one.body?.(ids, ""), one.query?.(ids)]);
  return one.id !== undefined || text(theirs) !== text(INVENTED);
}

function shape(answer: Answer, ids: Nouns): string {
  return withoutIds(`${answer.status} ${JSON.stringify(answer.body)}`, ids);
}

describe("every route of the table", () => {
  testWith(binary)("has a case here, and no case is left over", () => {
    const tenantRoutes = table.filter((r) => r.path.includes(":tenantId")).map(keyOf);
    expect(tenantRoutes.length).toBeGreaterThan(40);
    expect(tenantRoutes.filter((key) => ROUTE_CASES[key] === undefined)).toEqual([]);
    expect(Object.keys(ROUTE_CASES).filter((key) => !tenantRoutes.includes(key))).toEqual([]);
  });

  testWith(binary)(
    "answers its owner, and the effect is seen",
    async () => {
      const wrong: string[] = [];
      let ids = await owner.make();
      for (const route of table) {
        const one = ROUTE_CASES[keyOf(route)];
        if (one === undefined) continue;
        if (one.once) ids = await owner.make();
        const before = unique;
        const answer = await send(owner.admin, route, one, owner.tenantId, ids);
        const isFine =
          (answer.status >= 200 && answer.status < 300) || one.alsoFine?.includes(answer.status);
        if (!isFine) {
          wrong.push(`${keyOf(route)}: ${answer.status} ${JSON.stringify(answer.body)}`);
          continue;
        }
        const effect = one.effect?.(ids, owner.tenantId, `u${before}x`);
        if (effect === undefined) continue;
        const seen = await owner.admin.get(`/api/v1${effect.path}`);
        if (JSON.stringify(seen.body).includes(effect.shows) === (effect.gone ?? false))
          wrong.push(`${keyOf(route)}: ${effect.path} does not show the effect`);
      }
      expect(wrong).toEqual([]);
    },
    300_000,
  );

  testWith(binary)(
    "asks of each role what the table of permissions says",
    async () => {
      const wrong: string[] = [];
      for (const route of table) {
        const one = ROUTE_CASES[keyOf(route)];
        if (one === undefined) continue;
        const nobody = await send(apiClient(server.url, ""), route, one, owner.tenantId, INVENTED);
        if (nobody.status !== 401) wrong.push(`${keyOf(route)} nobody: ${nobody.status}`);
        for (const person of people) {
          const may = mayUse(route.permission, person.caller);
          // Who may is sent to an id that is not there, so that nothing is used up.
          const answer = await send(person.client, route, one, owner.tenantId, INVENTED);
          const isRefused = answer.status === 401 || answer.status === 403;
          if (may === isRefused)
            wrong.push(`${keyOf(route)} ${person.name}: ${answer.status}, may: ${may}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    300_000,
  );

  testWith(binary)(
    "shows and changes nothing of another tenant, whoever asks, and tells not even that it is there",
    async () => {
      const wrong: string[] = [];
      const before = await both.snapshot();
      for (const route of table) {
        const one = ROUTE_CASES[keyOf(route)];
        if (one === undefined) continue;
        for (const person of people) {
          const may = mayUse(route.permission, person.caller);
          const where = `${keyOf(route)} ${person.name}`;
          // Their tenant in the address.
          const inTheirs = await send(person.client, route, one, OTHER, theirs);
          const inNone = await send(person.client, route, one, "no-such-tenant", theirs);
          if (inTheirs.status !== (may ? 404 : 403)) wrong.push(`${where}: ${inTheirs.status}`);
          if (inTheirs.status !== inNone.status)
            wrong.push(`${where}: a tenant's existence shows: ${inTheirs.status} ${inNone.status}`);
          // Our tenant in the address, their ids.
          if (!carriesIds(one)) continue;
          const withTheirs = await send(person.client, route, one, owner.tenantId, theirs);
          const withInvented = await send(person.client, route, one, owner.tenantId, INVENTED);
          if (shape(withTheirs, theirs) !== shape(withInvented, INVENTED))
            wrong.push(
              `${where}: an id's existence shows: ${shape(withTheirs, theirs).slice(0, 200)} | ` +
                shape(withInvented, INVENTED).slice(0, 200),
            );
          if (one.id !== undefined && withTheirs.status < 400)
            wrong.push(`${where}: ${withTheirs.status} for a foreign id`);
        }
      }
      expect(wrong).toEqual([]);
      expect(await both.snapshot()).toBe(before);
    },
    300_000,
  );

  testWith(binary)(
    "does so for a tenant that is small against one that has everything",
    async () => {
      const wrong: string[] = [];
      const rich = await owner.make();
      for (const route of table) {
        const one = ROUTE_CASES[keyOf(route)];
        if (one === undefined || !carriesIds(one)) continue;
        const found = await send(foreign.admin, route, one, OTHER, rich);
        const invented = await send(foreign.admin, route, one, OTHER, INVENTED);
        if (shape(found, rich) !== shape(invented, INVENTED))
          wrong.push(
            `${keyOf(route)}: ${shape(found, rich)} | ${shape(invented, INVENTED)}`.slice(0, 400),
          );
        if (one.id !== undefined && found.status !== 404)
          wrong.push(`${keyOf(route)}: ${found.status}`);
      }
      expect(wrong).toEqual([]);
    },
    300_000,
  );
});

import { Type } from "@sinclair/typebox";
import { ROLES } from "../domain/access.ts";
import type { AuditStore } from "../domain/audit.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { normalEmail, type UserStore } from "../domain/user.ts";
import { empty, json } from "../lib/reply.ts";
import {
  changeOf,
  found,
  one,
  oneOf,
  optional,
  PAGING,
  TENANT,
  TENANT_AND_ID,
  text,
} from "./api-route.ts";

export type AdminDeps = {
  readonly users: UserStore;
  readonly audit: AuditStore;
  /** A JWT for the REST API that ends after `lifetimeS`. */
  readonly sign: (tenantId: string, userId: string, lifetimeS: number) => Promise<string>;
  /** Slows guessing down; throws "unavailable" while an address is locked out. */
  readonly guard: {
    tried<T>(key: string, check: () => Promise<T | undefined>): Promise<T | undefined>;
  };
};

const TOKEN_LIFETIME_S = 900;

/** Sign-in for programs, users, and the audit log. */
export function adminRoutes(deps: AdminDeps): Route[] {
  return [...tokens(deps), ...users(deps), ...audit(deps)];
}

function tokens(deps: AdminDeps): Route[] {
  return [
    route({
      method: "POST",
      path: "/api/v1/token",
      surface: "api",
      permission: "open",
      summary: "Signs in with address and password and answers a JWT that lasts 15 minutes.",
      body: Type.Object({
        email: text(254),
        password: text(1000),
        tenant: optional(Type.String()),
      }),
      handle: async ({ body }) => {
        const matches = await deps.guard.tried(normalEmail(body.email), async () => {
          const found = await deps.users.check(body.email, body.password, body.tenant);
          return found.length > 0 ? found : undefined;
        });
        const [who, ...others] = matches ?? [];
        if (who === undefined) throw new AppError("unauthorized", "address or password is wrong");
        if (others.length > 0)
          throw new AppError("invalid", "this address is known to several tenants; name one");
        const token = await deps.sign(who.tenantId, who.user.id, TOKEN_LIFETIME_S);
        return json({
          token,
          tenantId: who.tenantId,
          role: who.user.role,
          expiresInS: TOKEN_LIFETIME_S,
        });
      },
    }),
  ];
}

const admin = { surface: "api", permission: "admin" } as const;

function users({ users }: AdminDeps): Route[] {
  return [
    route({
      ...admin,
      method: "GET",
      path: "/api/v1/users/:tenantId",
      summary: "Users.",
      params: TENANT,
      handle: async ({ caller }) => json({ items: await users.list(caller) }),
    }),
    route({
      ...admin,
      method: "POST",
      path: "/api/v1/users/:tenantId",
      summary: "Makes a user.",
      params: TENANT,
      body: Type.Object({
        email: text(254),
        name: text(),
        role: oneOf(ROLES),
        password: Type.String({ minLength: 10, maxLength: 1000 }),
      }),
      handle: async (c) => one(await users.create(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...admin,
      method: "GET",
      path: "/api/v1/users/:tenantId/:id",
      summary: "One user.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        one(found(await users.get(caller, params.id), "user", params.id)),
    }),
    route({
      ...admin,
      method: "PATCH",
      path: "/api/v1/users/:tenantId/:id",
      summary: "Changes a user's name or role, or disables them, which ends their sessions.",
      params: TENANT_AND_ID,
      body: Type.Object({
        name: optional(text()),
        role: optional(oneOf(ROLES)),
        disabled: optional(Type.Boolean()),
      }),
      handle: async (c) => one(await users.update(c.caller, c.params.id, c.body, changeOf(c))),
    }),
    route({
      ...admin,
      method: "PUT",
      path: "/api/v1/users/:tenantId/:id/password",
      summary: "Sets a password and ends the user's sessions.",
      params: TENANT_AND_ID,
      body: Type.Object({ password: Type.String({ minLength: 10, maxLength: 1000 }) }),
      handle: async (c) => {
        await users.setPassword(c.caller, c.params.id, c.body.password, changeOf(c));
        return empty();
      },
    }),
  ];
}

function audit({ audit }: AdminDeps): Route[] {
  return [
    route({
      ...admin,
      method: "GET",
      path: "/api/v1/audit/:tenantId",
      summary: "Who changed what, before and after, newest first.",
      params: TENANT,
      query: Type.Object({
        ...PAGING,
        action: optional(text()),
        nounId: optional(Type.String()),
        actorId: optional(Type.String()),
        fromUs: optional(Type.Number()),
        toUs: optional(Type.Number()),
      }),
      handle: async ({ caller, query }) => json(await audit.list(caller, query)),
    }),
  ];
}

import { Type } from "@sinclair/typebox";
import { SignInPage } from "../../views/pages/sign-in.tsx";
import { paths } from "../../views/paths.ts";
import { THEMES } from "../../views/shell.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { normalEmail, type SignedIn } from "../domain/user.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { KEYS_COOKIE, plainShell, THEME_COOKIE } from "./shell.ts";

export type SessionDeps = WebDeps & {
  readonly sessionCookie: string;
  readonly sessionIdleMs: number;
  /** Slows guessing down; throws "unavailable" while an address is locked out. */
  readonly guard: {
    before(key: string): void;
    failed(key: string): void;
    succeeded(key: string): void;
    tried<T>(key: string, check: () => Promise<T | undefined>): Promise<T | undefined>;
  };
  readonly from: (request: Request) => string;
};

const page = { surface: "page" } as const;
const YEAR_S = 365 * 86_400;

/**
 * Only addresses of this server, so that a link cannot send people elsewhere after signing in. Browsers
 * drop tabs and line ends from an address and read `\` as `/`: one that holds such a sign is not taken.
 */
export function landingOf(next: string | undefined): string {
  const isHere = next !== undefined && /^\/(?!\/)[^\p{Cc}\\]*$/u.test(next);
  return isHere ? next : paths.now;
}

/** The cookie of a session; marked secure behind a proxy that speaks TLS. */
export function sessionHeader(
  deps: Pick<SessionDeps, "sessionCookie">,
  request: Request,
  token: string,
  maxAgeS: number,
): string {
  const secure = request.headers.get("x-forwarded-proto") === "https" ? "; Secure" : "";
  return `${deps.sessionCookie}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${secure}`;
}

/** Signing in and out, the one-time link, and what a browser keeps: theme and keys. */
export function sessionRoutes(deps: SessionDeps): Route[] {
  return [...signInRoutes(deps), ...browserRoutes()];
}

async function openSession(deps: SessionDeps, request: Request, tenantId: string, userId: string) {
  const { token } = await deps.stores.sessions.open({
    tenantId,
    userId,
    from: deps.from(request),
    idleMs: deps.sessionIdleMs,
  });
  return sessionHeader(deps, request, token, deps.sessionIdleMs / 1000);
}

/** Who has this address and password; a wrong one counts against the address. */
async function matchesOf(
  deps: SessionDeps,
  { email, password, tenant }: { email: string; password: string; tenant?: string | undefined },
): Promise<readonly SignedIn[]> {
  const matches = await deps.guard.tried(normalEmail(email), async () => {
    const found = await deps.stores.users.check(email, password, tenant);
    return found.length > 0 ? found : undefined;
  });
  return matches ?? [];
}

async function signInForm(
  deps: SessionDeps,
  request: Request,
  state: { values: Record<string, string>; error?: string; next: string },
  status: number,
): Promise<Response> {
  const tenants = await deps.stores.tenants.list();
  return html(
    SignInPage({
      shell: plainShell(request, deps.assetUrls),
      form: { values: state.values, errors: state.error ? { "": state.error } : {} },
      // Names of tenants are shown to nobody: with one it is chosen, with several it is typed.
      tenants: tenants.length === 1 ? tenants.map((t) => ({ value: t.id, label: t.name })) : [],
      next: state.next,
      note: undefined,
    }),
    status,
  );
}

function signInRoutes(deps: SessionDeps): Route[] {
  return [
    route({
      ...page,
      permission: "open",
      method: "GET",
      path: paths.signIn,
      summary: "The sign-in form.",
      query: Type.Object({ next: Type.Optional(Type.String()) }),
      handle: async ({ request, query, caller }) => {
        if (caller.sessionId !== undefined) return redirect(landingOf(query.next));
        if ((await deps.stores.tenants.list()).length === 0) return redirect(paths.setup);
        return signInForm(deps, request, { values: {}, next: landingOf(query.next) }, 200);
      },
    }),
    route({
      ...page,
      permission: "open",
      method: "POST",
      path: paths.signIn,
      summary: "Signs in with address and password.",
      body: Type.Object({
        tenant: Type.Optional(Type.String()),
        email: Type.String({ maxLength: 254, default: "" }),
        password: Type.String({ maxLength: 1000, default: "" }),
        next: Type.Optional(Type.String()),
      }),
      handle: async ({ request, body }) => {
        const next = landingOf(body.next);
        const values = { email: body.email, tenant: body.tenant ?? "" };
        let matches: readonly SignedIn[];
        try {
          matches = await matchesOf(deps, body);
        } catch (error) {
          if (!(error instanceof AppError) || error.details?.waitS === undefined) throw error;
          return signInForm(deps, request, { values, error: error.message, next }, 429);
        }
        const [who] = matches;
        if (who === undefined || matches.length > 1) {
          const error =
            who === undefined
              ? "Address or password is wrong."
              : "This address is known to several tenants. Write which one.";
          return signInForm(deps, request, { values, error, next }, 422);
        }
        return redirect(next, {
          "set-cookie": await openSession(deps, request, who.tenantId, who.user.id),
        });
      },
    }),
    route({
      ...page,
      permission: "open",
      method: "GET",
      path: "/sign-in/link",
      summary: "Signs in once with a link printed by the command line.",
      query: Type.Object({ token: Type.String({ maxLength: 200 }) }),
      handle: async ({ request, query }) => {
        const who = await deps.stores.sessions.redeemLink(query.token);
        if (who === undefined) {
          const error = "This link was used or is too old. Start foresight again for a new one.";
          return signInForm(deps, request, { values: {}, error, next: paths.now }, 422);
        }
        return redirect(paths.now, {
          "set-cookie": await openSession(deps, request, who.tenantId, who.userId),
        });
      },
    }),
    route({
      ...page,
      permission: "self",
      method: "POST",
      path: paths.signOut,
      summary: "Signs out.",
      handle: async ({ request }) => {
        const cookies = request.headers.get("cookie") ?? "";
        const token = cookies.split(`${deps.sessionCookie}=`)[1]?.split(";")[0] ?? "";
        await deps.stores.sessions.close(token);
        return redirect(paths.signIn, { "set-cookie": sessionHeader(deps, request, "", 0) });
      },
    }),
  ];
}

function browserRoutes(): Route[] {
  return [
    route({
      ...page,
      permission: "open",
      method: "POST",
      path: paths.theme,
      summary: "Keeps the theme in this browser.",
      body: Type.Object({
        theme: Type.Optional(
          Type.Unsafe<string>(Type.Union(THEMES.map((theme) => Type.Literal(theme)))),
        ),
        keys: Type.Optional(Type.String()),
        next: Type.Optional(Type.String()),
      }),
      handle: ({ body }) => {
        const set =
          body.theme !== undefined
            ? `${THEME_COOKIE}=${body.theme}`
            : `${KEYS_COOKIE}=${body.keys === "on" ? "on" : "off"}`;
        return redirect(landingOf(body.next), {
          "set-cookie": `${set}; Path=/; SameSite=Lax; Max-Age=${YEAR_S}`,
        });
      },
    }),
  ];
}

import type { Caller } from "../domain/access.ts";
import type { ApiKeyStore } from "../domain/api-key.ts";
import type { SessionStore } from "../domain/session.ts";
import type { UserStore } from "../domain/user.ts";
import type { Clock } from "../lib/clock.ts";
import { cookieOf } from "./security.ts";
import type { TokenSigner } from "./tokens.ts";

export const SESSION_COOKIE = "foresight_session";

/** Who sent a request, and the form secret of their session ("" without one). */
export type Authenticated = { readonly caller: Caller; readonly csrf: string };

export type AuthenticateDeps = {
  /** Undefined while the stores are opening. */
  readonly stores: () =>
    | { sessions: SessionStore; apiKeys: ApiKeyStore; users: UserStore }
    | undefined;
  readonly signer: TokenSigner;
  readonly clock: Clock;
  readonly from: (request: Request) => string;
};

const KEY_CACHE_US = 5_000_000;
const KEY_CACHE_ENTRIES = 10_000;

/** The token of `Authorization: Bearer|Token|Basic`, or of InfluxDB 1's `u` and `p` parameters. */
export function tokenOf(request: Request): string | undefined {
  const header = request.headers.get("authorization");
  if (header === null) return queryToken(request.url);
  const [scheme = "", rest = ""] = header.trim().split(/\s+/, 2);
  if (/^(bearer|token)$/i.test(scheme)) return rest;
  if (!/^basic$/i.test(scheme)) return undefined;
  const pair = Buffer.from(rest, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

function queryToken(url: string): string | undefined {
  const at = url.indexOf("?");
  if (at < 0 || !url.includes("p=", at)) return undefined;
  return new URLSearchParams(url.slice(at + 1)).get("p") ?? undefined;
}

type CachedKey = { readonly found: Authenticated; readonly untilUs: number };

/**
 * Finds who sends a request: by API key or JWT when it carries a token, else by the session cookie. A
 * key's answer is remembered for 5 s, so a revoked key writes for at most that long.
 */
export function createAuthenticate(deps: AuthenticateDeps) {
  const keys = new Map<string, CachedKey>();

  async function byKey(token: string, from: string): Promise<Authenticated | undefined> {
    const nowUs = deps.clock.nowUs();
    const known = keys.get(token);
    if (known !== undefined && known.untilUs > nowUs)
      return { ...known.found, caller: { ...known.found.caller, from } };
    const key = await deps.stores()?.apiKeys.find(token, from);
    const found = key && {
      caller: { ...key.caller, sourceNo: key.sourceNo === 0 ? undefined : key.sourceNo },
      csrf: "",
    };
    // Only keys that exist are remembered: guesses must not push them out.
    if (found !== undefined) {
      if (keys.size >= KEY_CACHE_ENTRIES) keys.clear();
      keys.set(token, { found, untilUs: nowUs + KEY_CACHE_US });
    } else keys.delete(token);
    return found;
  }

  return async function authenticate(request: Request): Promise<Authenticated | undefined> {
    const stores = deps.stores();
    if (stores === undefined) return undefined;
    const from = deps.from(request);
    const token = tokenOf(request);
    if (token !== undefined && token !== "") {
      if (!token.startsWith("ey")) return byKey(token, from);
      const claims = await deps.signer.verify(token);
      if (claims === undefined) return undefined;
      const caller = await stores.users.caller(claims.tenantId, claims.userId, from);
      return caller && { caller: { ...caller, kind: "jwt" }, csrf: "" };
    }
    const cookie = cookieOf(request, SESSION_COOKIE);
    if (cookie === undefined || cookie === "") return undefined;
    return stores.sessions.find(cookie, from);
  };
}

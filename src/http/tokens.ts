import { jwt } from "@elysiajs/jwt";

/** What a JWT of the REST API says: which session it belongs to. Role and tenant are looked up there. */
export type SessionClaims = { readonly sessionId: string; readonly tenantId: string };

export type TokenSigner = {
  /** Signs a token that ends after `lifetimeS` seconds. */
  sign(claims: SessionClaims, lifetimeS: number): Promise<string>;
  /** The claims of a token that is ours and has not ended; undefined otherwise. */
  verify(token: string): Promise<SessionClaims | undefined>;
};

/** Signs and checks JWTs (HS256) with the installation's own key. */
export function createTokenSigner(key: Uint8Array): TokenSigner {
  const signer = jwt({ name: "jwt", secret: key, exp: "15m" }).decorator.jwt;
  return {
    sign: (claims, lifetimeS) =>
      signer.sign({ sid: claims.sessionId, tid: claims.tenantId, exp: `${lifetimeS}s` }),
    async verify(token) {
      const claims = await signer.verify(token);
      if (claims === false) return undefined;
      const { sid, tid } = claims;
      return typeof sid === "string" && typeof tid === "string"
        ? { sessionId: sid, tenantId: tid }
        : undefined;
    },
  };
}

import { jwt } from "@elysiajs/jwt";

/** What a JWT of the REST API says: which user it is for. Role and tenant are looked up there. */
export type TokenClaims = { readonly userId: string; readonly tenantId: string };

export type TokenSigner = {
  /** Signs a token that ends after `lifetimeS` seconds. */
  sign(claims: TokenClaims, lifetimeS: number): Promise<string>;
  /** The claims of a token that is ours and has not ended; undefined otherwise. */
  verify(token: string): Promise<TokenClaims | undefined>;
};

/** Signs and checks JWTs (HS256) with the installation's own key. */
export function createTokenSigner(key: Uint8Array): TokenSigner {
  const signer = jwt({ name: "jwt", secret: key, exp: "15m" }).decorator.jwt;
  return {
    sign: (claims, lifetimeS) =>
      signer.sign({ sub: claims.userId, tid: claims.tenantId, exp: `${lifetimeS}s` }),
    async verify(token) {
      const claims = await signer.verify(token);
      if (claims === false) return undefined;
      const { sub, tid } = claims;
      return typeof sub === "string" && typeof tid === "string"
        ? { userId: sub, tenantId: tid }
        : undefined;
    },
  };
}

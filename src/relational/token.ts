import { createHash } from "node:crypto";

const TOKEN_BYTES = 32;

/** A secret for a machine or browser: a prefix that tells what it is, and 256 bits. */
export function newToken(prefix: string, randomBytes: (count: number) => Uint8Array): string {
  return `${prefix}${Buffer.from(randomBytes(TOKEN_BYTES)).toString("base64url")}`;
}

/** What is kept of a token; with 256 random bits a plain hash is enough. */
export function tokenHash(token: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(token).digest());
}

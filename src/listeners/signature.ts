import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { KnownLineKey } from "../domain/line-key.ts";

const FIXED_BYTES = 64;
const DER_SEQUENCE = 0x30;

/**
 * Whether a base64 signature is the key's over the text: ECDSA on P-256 with SHA-256, as a fixed r‖s of
 * 64 bytes (the C, C++, Rust and Python clients) or as DER (Node and Java).
 */
export function isGenuine(key: KnownLineKey, signed: string, signature: string): boolean {
  const bytes = Buffer.from(signature, "base64");
  const data = Buffer.from(signed, "latin1");
  const publicKey = publicKeyOf(key);
  if (publicKey === undefined) return false;
  const isFixed =
    bytes.length === FIXED_BYTES &&
    verify("sha256", data, { key: publicKey, dsaEncoding: "ieee-p1363" }, bytes);
  // A short r or s makes DER of 64 bytes, too: both readings are tried.
  return isFixed || (bytes[0] === DER_SEQUENCE && verifyDer(data, publicKey, bytes));
}

function verifyDer(data: Buffer, key: KeyObject, bytes: Buffer): boolean {
  return verify("sha256", data, { key, dsaEncoding: "der" }, bytes);
}

function publicKeyOf({ x, y }: KnownLineKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  } catch {
    return undefined; // no point of the curve: nobody can have signed with it
  }
}

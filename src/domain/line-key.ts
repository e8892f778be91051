import type { Actor, Change } from "./actor.ts";

/**
 * A key of a device that writes line protocol over TCP, as QuestDB's clients authenticate: ECDSA on
 * P-256 with SHA-256. Only the public point is kept: the private part is shown once.
 */
export type LineKey = {
  readonly id: string;
  /** What the client names it by: drawn at random, so that it tells the tenant too. */
  readonly keyId: string;
  readonly name: string;
  /** The source that its readings count for. */
  readonly sourceId: string;
  /** The public point, base64url. */
  readonly x: string;
  readonly y: string;
  readonly createdAtUs: number;
  readonly lastUsedAtUs: number | undefined;
  readonly revokedAtUs: number | undefined;
  readonly version: number;
};

export type NewLineKey = Pick<LineKey, "name"> & {
  /** Without it, the key gets a source of its own, named like it. */
  readonly sourceId?: string | undefined;
};

/** A key whose private part the device made and keeps. */
export type PublicLineKey = NewLineKey & Pick<LineKey, "x" | "y">;

/** The whole key in the form that QuestDB's clients take; `d` is the private part. */
export type PrivateLineKey = {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly kid: string;
  readonly x: string;
  readonly y: string;
  readonly d: string;
};

/** Whose lines a key, or a listener's setting, lets in: by the numbers of the log. */
export type LineSource = {
  readonly tenantId: string;
  readonly tenantNo: number;
  readonly sourceNo: number;
};

/** A key as a listener needs it. */
export type KnownLineKey = LineSource & { readonly x: string; readonly y: string };

export type LineKeyStore = {
  list(who: Actor): Promise<readonly LineKey[]>;
  get(who: Actor, id: string): Promise<LineKey | undefined>;
  /** `d` is nowhere kept; a repeated idempotency key is "conflict", since it cannot be shown again. */
  create(
    who: Actor,
    input: NewLineKey,
    change?: Change,
  ): Promise<{ key: LineKey; secret: PrivateLineKey }>;
  /**
   * Takes the public point of a key that a device made; it gets the name to sign in with here.
   * @throws AppError "invalid" when the point does not lie on P-256.
   */
  add(who: Actor, input: PublicLineKey, change?: Change): Promise<LineKey>;
  revoke(who: Actor, id: string, change?: Change): Promise<LineKey>;
  /** The key unless unknown or revoked; its last use is written once a minute. */
  find(keyId: string): Promise<KnownLineKey | undefined>;
};

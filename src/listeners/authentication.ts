import type { KnownLineKey } from "../domain/line-key.ts";

/** Bytes of the challenge, as QuestDB sends it: printable ASCII. */
export const CHALLENGE_BYTES = 512;
/** Longest key id and signature line that are read. */
export const AUTHENTICATION_LINE_BYTES = 512;

/** How far a connection has come before its lines are read. */
export type AuthenticationState =
  | { readonly kind: "key-id" }
  | { readonly kind: "looking-up"; readonly keyId: string }
  | {
      readonly kind: "signature";
      readonly keyId: string;
      readonly key: KnownLineKey | undefined;
      readonly challenge: string;
    }
  | { readonly kind: "in"; readonly keyId: string; readonly key: KnownLineKey }
  | { readonly kind: "refused"; readonly reason: RefusalReason };

export type RefusalReason =
  | "malformed key id"
  | "unknown key"
  | "wrong signature"
  | "line too long";

export type AuthenticationEvent =
  /** A line without its newline. */
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "line-too-long" }
  /** The store's answer, and the challenge that was drawn. */
  | { readonly kind: "key"; readonly key: KnownLineKey | undefined; readonly challenge: string };

export type AuthenticationStep = {
  readonly next: AuthenticationState;
  /** What the client is sent. */
  readonly send: string | undefined;
};

/** Whether a signature (base64) is the key's over the text. */
export type Verify = (key: KnownLineKey, signed: string, signature: string) => boolean;

/**
 * One step of QuestDB's authentication: the client names its key, is sent a challenge, and answers with
 * its signature. An unknown key is sent a challenge too: whether a key exists is nobody's business.
 */
export function authenticate(
  state: AuthenticationState,
  event: AuthenticationEvent,
  verify: Verify,
): AuthenticationStep {
  if (event.kind === "line-too-long") return refuse("line too long");
  switch (state.kind) {
    case "key-id":
      if (event.kind !== "line") return stay(state);
      return /^[\x21-\x7e]{1,256}$/.test(event.text)
        ? stay({ kind: "looking-up", keyId: event.text })
        : refuse("malformed key id");
    case "looking-up": {
      if (event.kind !== "key") return stay(state);
      const { key, challenge } = event;
      const { keyId } = state;
      return { next: { kind: "signature", keyId, key, challenge }, send: `${challenge}\n` };
    }
    case "signature":
      if (event.kind !== "line") return stay(state);
      if (state.key === undefined) return refuse("unknown key");
      return verify(state.key, state.challenge, event.text)
        ? stay({ kind: "in", keyId: state.keyId, key: state.key })
        : refuse("wrong signature");
    case "in":
    case "refused":
      return stay(state);
  }
}

function stay(next: AuthenticationState): AuthenticationStep {
  return { next, send: undefined };
}

function refuse(reason: RefusalReason): AuthenticationStep {
  return stay({ kind: "refused", reason });
}

const FIRST_PRINTABLE = 0x20;
const PRINTABLES = 0x7e - FIRST_PRINTABLE + 1;

/** Printable ASCII that nobody can guess. */
export function drawChallenge(randomBytes: (count: number) => Uint8Array): string {
  const bytes = randomBytes(CHALLENGE_BYTES);
  return String.fromCharCode(...bytes.map((byte) => FIRST_PRINTABLE + (byte % PRINTABLES)));
}

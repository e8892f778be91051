import { createCipheriv, createDecipheriv } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";

/** Seals texts with AES-256-GCM. What is sealed under one context cannot be opened under another. */
export type SecretBox = {
  seal(text: string, context: string): Uint8Array;
  /** @throws Error when the key is another one, or the box or its context was changed. */
  open(box: Uint8Array, context: string): string;
};

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of a box, so that another cipher can follow this one. */
const FORMAT = 1;

export function createSecretBox(
  key: Uint8Array,
  randomBytes: (count: number) => Uint8Array,
): SecretBox {
  if (key.length !== KEY_BYTES) throw new Error(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([Uint8Array.of(FORMAT), nonce, cipher.getAuthTag(), body]);
    },
    open(box, context) {
      if (box[0] !== FORMAT || box.length < 1 + NONCE_BYTES + TAG_BYTES)
        throw new Error("the box is damaged");
      const nonceEnd = 1 + NONCE_BYTES;
      const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(1, nonceEnd));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(box.subarray(nonceEnd, nonceEnd + TAG_BYTES));
      const body = box.subarray(nonceEnd + TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
    },
  };
}

/**
 * Reads the key file, or makes it (0600) when it is not there. It is written beside its place and
 * renamed, so that a crash leaves no half of it. One process at a time: the folder's lock is held.
 */
export function readOrMakeKey(
  path: string,
  randomBytes: (count: number) => Uint8Array,
): Uint8Array {
  if (!existsSync(path)) {
    const key = randomBytes(KEY_BYTES);
    const fd = openSync(`${path}.new`, "w", 0o600);
    writeSync(fd, Buffer.from(key).toString("hex"));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(`${path}.new`, path);
    return key;
  }
  chmodSync(path, 0o600);
  const key = new Uint8Array(Buffer.from(readFileSync(path, "utf8").trim(), "hex"));
  if (key.length !== KEY_BYTES)
    throw new Error(`${path} is not a key file; put a backup in its place`);
  return key;
}

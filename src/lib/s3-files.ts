import { rename, rm } from "node:fs/promises";

/** Files kept in S3-compatible storage. */
export type RemoteFiles = {
  /** Sends a file and looks whether all of it is there. @throws the server's or the network's error. */
  put(key: string, path: string): Promise<void>;
  /** Fetches a file whole, under a temporary name until it is; false when the server has none. */
  get(key: string, path: string): Promise<boolean>;
  remove(key: string): Promise<void>;
};

export type S3Settings = {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Put before every key, such as `plant-7/`. */
  readonly prefix: string;
};

/** Files in a bucket. Nothing is asked of the server before the first call. */
export function createS3Files(settings: S3Settings): RemoteFiles {
  const client = new Bun.S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    bucket: settings.bucket,
    accessKeyId: settings.accessKey,
    secretAccessKey: settings.secretKey,
    retry: 2,
  });
  const file = (key: string) => client.file(`${settings.prefix}${key}`);
  return {
    async put(key, path) {
      const local = Bun.file(path);
      await client.write(`${settings.prefix}${key}`, local);
      const { size } = await file(key).stat();
      if (size !== local.size)
        throw new Error(`${key} has ${size} bytes in the bucket instead of ${local.size}`);
    },
    async get(key, path) {
      const temporary = `${path}.part`;
      try {
        await Bun.write(temporary, file(key));
      } catch (error) {
        await rm(temporary, { force: true });
        if (isMissing(error)) return false;
        throw error;
      }
      await rename(temporary, path);
      return true;
    },
    remove: (key) => file(key).delete(),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "NoSuchKey";
}

import type { PackSegment } from "./log/index.ts";

export type ToPacker = Parameters<PackSegment>[0];
export type FromPacker = { readonly fileBytes: number } | { readonly failure: string };

/** A thread that packs; the system's `Worker`, or a test's. */
export type PackerThread = {
  onmessage: ((event: MessageEvent<FromPacker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: ToPacker): void;
  terminate(): void;
};

/** Packs each segment in a thread of its own, which ends with it. */
export function packInThread(spawn: () => PackerThread): PackSegment {
  return async (files) => {
    const thread = spawn();
    try {
      return await new Promise((resolve, reject) => {
        thread.onmessage = ({ data }) =>
          "failure" in data ? reject(new Error(data.failure)) : resolve(data);
        thread.onerror = (event) => reject(new Error(event.message));
        thread.postMessage(files);
      });
    } finally {
      thread.terminate();
    }
  };
}

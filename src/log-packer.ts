// Entry of the worker that packs one closed segment of the log, and ends.
import { reasonOf } from "./domain/error.ts";
import { systemClock } from "./lib/clock.ts";
import { packSegment, systemDisk } from "./log/index.ts";
import type { FromPacker, ToPacker } from "./log-packing.ts";

/** Plain bytes a second: twice what the fastest ingest writes, and a fraction of a core. */
const BYTES_PER_S = 64 * 1024 * 1024;

declare const self: Worker;

const post = (message: FromPacker) => self.postMessage(message);

/** Waits until so many bytes may have been packed since the last time. */
function paced(): (plainBytes: number) => Promise<void> {
  let freeAtUs = systemClock.nowUs();
  return (plainBytes) => {
    const now = systemClock.nowUs();
    freeAtUs = Math.max(now - 1e6, freeAtUs) + (plainBytes / BYTES_PER_S) * 1e6;
    return new Promise((resolve) => systemClock.after(Math.max(0, freeAtUs - now) / 1000, resolve));
  };
}

self.onmessage = ({ data }: MessageEvent<ToPacker>) => {
  packSegment({ disk: systemDisk, ...data, pace: paced() }).then(
    ({ fileBytes }) => post({ fileBytes }),
    (error: unknown) => post({ failure: reasonOf(error) }),
  );
};

import { AppError, reasonOf } from "../domain/error.ts";
import { type FitData, type FitTask, runTask } from "./learners/fit-task.ts";
import type { Fit } from "./learners/gbdt.ts";

/** What main thread and trainer worker say to each other about fits. */
export type FitRequest =
  | { readonly kind: "data"; readonly data: FitData }
  | { readonly kind: "fit"; readonly id: number; readonly task: FitTask };
export type FitReply =
  | { readonly kind: "fitted"; readonly id: number; readonly fit: Fit }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

/** The part of a Worker that is used, so that a test or another runtime can stand in. */
export type WorkerHandle = {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
};
export type SpawnWorker = () => WorkerHandle;

export type FitPool = {
  /** Fits in the order of the tasks; rejects with the first failure or with AppError when aborted. */
  run(tasks: readonly FitTask[], onDone?: () => void): Promise<Fit[]>;
  close(): void;
};

export type PoolOptions = {
  /** Absent: everything runs on the calling thread, with the same results. */
  readonly spawn?: SpawnWorker | undefined;
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError("unavailable", "training was cancelled");
}

/** Fits tasks on `workers` trainer workers (2), or here when none can be made. */
export function createFitPool(data: FitData, options: PoolOptions): FitPool {
  const { spawn, signal } = options;
  if (spawn === undefined) {
    return {
      async run(tasks, onDone) {
        const fits: Fit[] = [];
        for (const task of tasks) {
          fits.push(runTask(data, task, () => throwIfAborted(signal)));
          onDone?.();
        }
        return fits;
      },
      close() {},
    };
  }
  const workers = Array.from({ length: options.workers ?? 2 }, () => {
    const worker = spawn();
    worker.postMessage({ kind: "data", data } satisfies FitRequest);
    return worker;
  });
  return {
    run: (tasks, onDone) => runOn(workers, tasks, signal, onDone),
    close() {
      for (const worker of workers) worker.terminate();
    },
  };
}

function runOn(
  workers: readonly WorkerHandle[],
  tasks: readonly FitTask[],
  signal: AbortSignal | undefined,
  onDone: (() => void) | undefined,
): Promise<Fit[]> {
  return new Promise((resolve, reject) => {
    const fits: Fit[] = [];
    let next = 0;
    let done = 0;
    const fail = (error: unknown) => {
      signal?.removeEventListener("abort", onAbort);
      next = tasks.length;
      reject(error);
    };
    const onAbort = () => fail(new AppError("unavailable", "training was cancelled"));
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) return onAbort();
    const give = (worker: WorkerHandle) => {
      const task = tasks[next];
      if (task !== undefined) worker.postMessage({ kind: "fit", id: next++, task });
    };
    for (const worker of workers) {
      worker.onmessage = (event) => {
        const reply: FitReply = event.data; // trainer workers answer fits with nothing else
        if (reply.kind === "failed") return fail(new AppError("internal", reply.message));
        fits[reply.id] = reply.fit;
        onDone?.();
        if (++done === tasks.length) {
          signal?.removeEventListener("abort", onAbort);
          resolve(fits);
        } else give(worker);
      };
      worker.onerror = (event) =>
        fail(new AppError("internal", `a trainer worker failed: ${event.message}`));
      give(worker);
    }
    if (tasks.length === 0) resolve(fits);
  });
}

/** The worker's side: holds the data and answers each fit. */
export function createFitService(
  reply: (message: FitReply) => void,
): (request: FitRequest) => void {
  let data: FitData | undefined;
  return (request) => {
    if (request.kind === "data") {
      data = request.data;
      return;
    }
    const { id, task } = request;
    try {
      if (data === undefined) throw new Error("a fit was asked for before its data was sent");
      reply({ kind: "fitted", id, fit: runTask(data, task) });
    } catch (error) {
      reply({ kind: "failed", id, message: reasonOf(error) });
    }
  };
}

import { AppError, type ErrorCode, reasonOf } from "../domain/error.ts";
import type { AssetHistory } from "../domain/feature.ts";
import type { ModelPrediction } from "../domain/prediction.ts";
import { decodeModel } from "./artifact.ts";
import {
  createFitService,
  type FitReply,
  type FitRequest,
  type SpawnWorker,
  type WorkerHandle,
} from "./pool.ts";
import { createPredictor, type Explain } from "./predict.ts";
import { type TrainOptions, type TrainResult, trainModels } from "./train.ts";

/** Steps of one asset to predict; the last when `steps` is left out. */
export type PredictionWish = {
  readonly history: AssetHistory;
  readonly steps?: readonly number[] | undefined;
  /** Which of them get contributions; each when left out. */
  readonly explain?: Explain | undefined;
};

type Job =
  | {
      readonly kind: "train";
      readonly histories: readonly AssetHistory[];
      readonly options: TrainOptions;
      readonly workers?: number | undefined;
    }
  | {
      readonly kind: "predict";
      readonly artifact: Uint8Array;
      readonly wishes: readonly PredictionWish[];
    };

export type TrainerRequest = FitRequest | (Job & { readonly id: number });
export type TrainerReply =
  | FitReply
  | { readonly kind: "progress"; readonly id: number; readonly done: number; readonly of: number }
  | { readonly kind: "trained"; readonly id: number; readonly result: TrainResult }
  | { readonly kind: "predicted"; readonly id: number; readonly predictions: ModelPrediction[][] }
  | {
      readonly kind: "refused";
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
    };

/** The worker's side: fits for a pool, whole training runs, predictions in bulk. */
export function createTrainerService(deps: {
  readonly reply: (message: TrainerReply) => void;
  readonly spawn: SpawnWorker | undefined;
}): (request: TrainerRequest) => void {
  const { reply, spawn } = deps;
  const fits = createFitService(reply);
  const work = async (request: Job & { readonly id: number }): Promise<TrainerReply> => {
    const { id } = request;
    if (request.kind === "train") {
      const onProgress = (done: number, of: number) => reply({ kind: "progress", id, done, of });
      const result = await trainModels(request.histories, request.options, {
        spawn,
        workers: request.workers,
        onProgress,
      });
      return { kind: "trained", id, result };
    }
    const predictor = createPredictor(decodeModel(request.artifact));
    const predictions = request.wishes.map(({ history, steps, explain }) =>
      predictor.predict(history, steps, explain),
    );
    return { kind: "predicted", id, predictions };
  };
  return (request) => {
    if (request.kind === "data" || request.kind === "fit") return fits(request);
    work(request).then(reply, (error: unknown) => {
      const code = error instanceof AppError ? error.code : "internal";
      reply({ kind: "refused", id: request.id, code, message: reasonOf(error) });
    });
  };
}

export type TrainerClient = {
  /** Trains off this thread. Rejects with AppError when it fails or is cancelled. */
  train(
    histories: readonly AssetHistory[],
    options: TrainOptions,
    watch?: {
      readonly onProgress?: ((done: number, of: number) => void) | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<TrainResult>;
  /** Predicts off this thread: for each wish one prediction a step. */
  predict(artifact: Uint8Array, wishes: readonly PredictionWish[]): Promise<ModelPrediction[][]>;
};

/**
 * The main thread's side. Each call has a worker of its own, ended with the call; a training run's
 * spreads its fits over `workers` more.
 */
export function createTrainerClient(spawn: SpawnWorker, workers?: number): TrainerClient {
  return {
    async train(histories, options, watch = {}) {
      const job: Job = { kind: "train", histories, options, workers };
      const reply = await ask(spawn(), job, watch.signal, watch.onProgress);
      if (reply.kind === "trained") return reply.result;
      throw new AppError("internal", `trainer worker answered training with ${reply.kind}`);
    },
    async predict(artifact, wishes) {
      const reply = await ask(spawn(), { kind: "predict", artifact, wishes }, undefined, undefined);
      if (reply.kind === "predicted") return reply.predictions;
      throw new AppError("internal", `trainer worker answered a prediction with ${reply.kind}`);
    },
  };
}

function ask(
  worker: WorkerHandle,
  job: Job,
  signal: AbortSignal | undefined,
  onProgress: ((done: number, of: number) => void) | undefined,
): Promise<TrainerReply> {
  return new Promise<TrainerReply>((resolve, reject) => {
    const onAbort = () => reject(new AppError("unavailable", "training was cancelled"));
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    worker.onmessage = (event) => {
      const reply: TrainerReply = event.data; // a trainer worker posts nothing else
      if (reply.kind === "progress") onProgress?.(reply.done, reply.of);
      else if (reply.kind === "refused") reject(new AppError(reply.code, reply.message));
      else resolve(reply);
    };
    worker.onerror = (event) =>
      reject(new AppError("internal", `trainer worker failed: ${event.message}`));
    worker.postMessage({ ...job, id: 0 } satisfies TrainerRequest);
  }).finally(() => worker.terminate());
}

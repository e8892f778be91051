import { existsSync } from "node:fs";
import { AppError, type ErrorCode } from "../domain/error.ts";
import type { OperationArguments, OperationName, Operations } from "../domain/operation.ts";
import { type RunFile, readRunFile } from "../lib/run-file.ts";

/** An installation opened for one command. */
export type OpenedInstallation = { readonly operations: Operations; close(): Promise<void> };

export type InstallationDeps = {
  /** Opens the stores of a folder that no server holds; throws AppError "conflict" when one does. */
  readonly open: (folder: string) => Promise<OpenedInstallation>;
  readonly pause: (ms: number) => Promise<void>;
};

const ATTEMPTS = 60;

/**
 * Runs one operation on the installation in `folder`: by its running server when there is one, else by
 * opening it. A server that is just starting is waited for.
 */
export async function runOperation(
  deps: InstallationDeps,
  folder: string,
  name: OperationName,
  args: OperationArguments,
): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    const run = existsSync(folder) ? readRunFile(folder) : undefined;
    const answer = run === undefined ? undefined : await askServer(run, name, args);
    if (answer !== undefined && !isStarting(answer)) return resultOf(answer);
    if (answer === undefined) {
      try {
        const opened = await deps.open(folder);
        try {
          return await opened.operations[name](args);
        } finally {
          await opened.close();
        }
      } catch (error) {
        if (!(error instanceof AppError && error.code === "conflict" && error.details?.heldBy))
          throw error;
        if (attempt >= ATTEMPTS) throw error;
      }
    } else if (attempt >= ATTEMPTS) return resultOf(answer);
    await deps.pause(500);
  }
}

type Answer = { readonly status: number; readonly body: unknown };

function isStarting(answer: Answer): boolean {
  return answer.status === 503;
}

/** Undefined when nobody listens there, or when it is somebody else's server. */
async function askServer(
  run: RunFile,
  name: OperationName,
  args: OperationArguments,
): Promise<Answer | undefined> {
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${run.port}/local/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-foresight-local": run.secret },
      body: JSON.stringify(args),
      signal: AbortSignal.timeout(60 * 60 * 1000),
    });
  } catch {
    return undefined; // a file left by a server that was killed
  }
  if (!response.headers.has("x-foresight-instance") || response.status === 401) return undefined;
  return { status: response.status, body: await response.json() };
}

function resultOf(answer: Answer): unknown {
  if (answer.status < 300) return answer.body;
  const { code, title } = answer.body as { code?: ErrorCode; title?: string }; // problem+json of http.ts
  throw new AppError(code ?? "internal", title ?? `the server answered ${answer.status}`);
}

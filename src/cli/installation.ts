import { existsSync } from "node:fs";
import { AppError, type ErrorCode } from "../domain/error.ts";
import type { OperationArguments, OperationName, Operations } from "../domain/operation.ts";
import { type RunFile, readRunFile } from "../lib/run-file.ts";

/** An installation opened for one command. */
export type OpenedInstallation = { readonly operations: Operations; close(): Promise<void> };

export type InstallationDeps = {
  /**
   * Opens the stores of a folder that no server holds; throws AppError "conflict" when one does, and
   * "not-found" when there is no installation and none may be made.
   * @param seriesUrl is its store of readings when that is not the configured one; "" is the embedded.
   */
  readonly open: (
    folder: string,
    mayCreate: boolean,
    seriesUrl?: string,
  ) => Promise<OpenedInstallation>;
  readonly pause: (ms: number) => Promise<void>;
};

const ATTEMPTS = 60;
/** Longest that an operation of the server is waited for. */
const LONGEST_MS = 24 * 3_600_000;

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
    const answer = run === undefined ? "nobody" : await askServer(run, name, args);
    if (typeof answer === "object" && !isStarting(answer)) return resultOf(answer);
    if (typeof answer === "string") {
      try {
        // A mistyped folder must not become an installation that answers zeros.
        const opened = await deps.open(folder, name === "setup");
        try {
          return await opened.operations[name](args);
        } finally {
          await opened.close();
        }
      } catch (error) {
        if (!(error instanceof AppError && error.code === "conflict" && error.details?.heldBy))
          throw error;
        // Asking again could do twice what was done once.
        if (answer === "broken off") throw brokenOff(name);
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

function brokenOff(name: OperationName): AppError {
  return new AppError(
    "unavailable",
    `the server broke off before it answered; look whether ${name} was done before you repeat it`,
  );
}

/** "nobody" when nobody listens there, or when it is somebody else's server. */
async function askServer(
  run: RunFile,
  name: OperationName,
  args: OperationArguments,
): Promise<Answer | "nobody" | "broken off"> {
  let response: Response;
  try {
    response = await fetch(`http://${run.host}:${run.port}/local/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-foresight-local": run.secret },
      body: JSON.stringify(args),
      timeout: false, // the runtime's own is minutes, training takes longer
      signal: AbortSignal.timeout(LONGEST_MS),
    });
  } catch (error) {
    // Nobody listens where a server was that was killed.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ConnectionRefused" || code === "ECONNREFUSED" ? "nobody" : "broken off";
  }
  if (!response.headers.has("x-foresight-instance") || response.status === 401) return "nobody";
  try {
    return { status: response.status, body: await response.json() };
  } catch {
    return "broken off";
  }
}

function resultOf(answer: Answer): unknown {
  if (answer.status < 300) return answer.body;
  const { code, title } = answer.body as { code?: ErrorCode; title?: string }; // problem+json of http.ts
  throw new AppError(code ?? "internal", title ?? `the server answered ${answer.status}`);
}

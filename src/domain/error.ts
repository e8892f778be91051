/** What went wrong, in a form that `http.ts` maps to a status and the command line to an exit code. */
export type ErrorCode =
  | "invalid" // the request or input is wrong; the message says how to mend it
  | "unauthorized" // nobody is signed in, or the token is not known
  | "forbidden" // signed in, but the role or scope does not allow it
  | "not-found"
  | "method-not-allowed" // the path takes other methods
  | "not-acceptable" // none of the forms that the request accepts is there
  | "conflict" // the version sent is not the newest, or the thing exists already
  | "too-large"
  | "unsupported" // a coding of the body that is not known
  | "too-slow" // the body did not arrive in time; the connection is closed
  | "unavailable" // try again later: full, stopping, or a store that is away
  | "internal";

/** Details a machine may read beside the message; never holds secrets. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An expected failure. The message says what failed, on what, and what to do. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { cause?: unknown; details?: ErrorDetails },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options?.details;
  }
}

/** The text of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Marks a branch the types rule out; reaching it is a bug. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

import { AppError, type ErrorCode } from "../domain/error.ts";

/** The one map from error code to HTTP status. */
export const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 422,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "not-acceptable": 406,
  conflict: 409,
  "too-large": 413,
  unsupported: 415,
  "too-slow": 503, // not 408: clients that write drop their batch on any 4xx
  unavailable: 503,
  internal: 500,
};

/** What a failure tells the one who asked; an unknown one shows only the id under which it is logged. */
export type Problem = {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
};

/** Turns anything thrown into a problem; `report` is called with what is not expected. */
export function problemOf(error: unknown, report: (error: unknown) => string): Problem {
  if (error instanceof AppError && error.code !== "internal") {
    return {
      status: STATUS[error.code],
      code: error.code,
      message: error.message,
      details: error.details,
    };
  }
  const id = report(error);
  return {
    status: 500,
    code: "internal",
    message: `internal error ${id}; the log has the details under this number`,
    details: { id },
  };
}

/** RFC 9457 body of a problem. */
export function problemJson(problem: Problem): Response {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json; charset=utf-8",
  };
  if (problem.status === 503) headers["retry-after"] = "5";
  if (problem.status === 401) headers["www-authenticate"] = 'Bearer realm="foresight"';
  const body = {
    type: `urn:foresight:${problem.code}`,
    title: problem.message,
    status: problem.status,
    code: problem.code,
    ...problem.details,
  };
  return new Response(JSON.stringify(body), { status: problem.status, headers });
}

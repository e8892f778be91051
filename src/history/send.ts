import { AppError, reasonOf } from "../domain/error.ts";

/** What the server says became of the lines of one request. */
export type Taken = {
  readonly lines: number;
  readonly readings: number;
  readonly rejectedLines: number;
  readonly errors: readonly {
    readonly lineNo: number;
    readonly column: number;
    readonly reason: string;
    readonly line: string;
  }[];
};

export type SenderDeps = {
  readonly url: string;
  readonly token: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly pause: (ms: number) => Promise<void>;
  /** A sentence for the person that waits. */
  readonly say: (line: string) => void;
  /** Aborted when the person stops the import: no further attempt is made. */
  readonly signal: AbortSignal;
};

/** Sends lines until the server has them. */
export type Sender = {
  /** How often the server or the network asked to wait. */
  readonly waits: number;
  send(body: Uint8Array<ArrayBuffer>, how: SendAs): Promise<Taken>;
};

export type SendAs = { readonly precision: string; readonly dialect: "influx" | "questdb" };

const PAUSE_MS = 500;
const PAUSE_MS_MAX = 10_000;
/** Time without any success after which an import gives up; its state is kept. */
const PATIENCE_MS = 15 * 60_000;

/** Where lines of history go; `auto` precision is InfluxDB 3's. */
export function targetOf(url: string, { precision, dialect }: SendAs): string {
  const base = url.replace(/\/+$/, "");
  return dialect === "questdb"
    ? `${base}/write?precision=${precision}&history=true`
    : `${base}/api/v3/write_lp?db=history&precision=${precision}&history=true`;
}

/** How long to wait before attempt `attempt` (from 1), with what the server asked for. Pure. */
export function pauseMsOf(attempt: number, retryAfter: string | null): number {
  const asked = Number(retryAfter ?? Number.NaN) * 1_000;
  if (Number.isFinite(asked) && asked > 0) return Math.min(asked, 60_000);
  return Math.min(PAUSE_MS * 2 ** Math.min(attempt - 1, 10), PAUSE_MS_MAX);
}

/** Makes a sender; it keeps one request under way at a time. */
export function createSender(deps: SenderDeps): Sender {
  let waits = 0;
  return {
    get waits() {
      return waits;
    },
    async send(body, how) {
      let waitedMs = 0;
      for (let attempt = 1; ; attempt++) {
        const answer = await tryOnce(deps, body, how);
        if (typeof answer === "object") return answer.taken;
        if (deps.signal.aborted)
          throw new AppError("unavailable", "stopped; run it again to go on");
        if (waitedMs >= PATIENCE_MS) {
          const minutes = Math.round(waitedMs / 60_000);
          throw new AppError(
            "unavailable",
            `the server took nothing for ${minutes} minutes (${answer}); run it again to go on`,
          );
        }
        waits++;
        const [why = "", retryAfter = null] = answer.split("\0");
        if (attempt === 1 || attempt % 20 === 0) deps.say(`waiting: ${why}`);
        const ms = pauseMsOf(attempt, retryAfter);
        await deps.pause(ms);
        waitedMs += ms;
      }
    },
  };
}

/** What became of it, or why to try again, with what Retry-After said behind a NUL. */
async function tryOnce(
  deps: SenderDeps,
  body: Uint8Array<ArrayBuffer>,
  how: SendAs,
): Promise<{ taken: Taken } | string> {
  let response: Response;
  let text: string;
  try {
    response = await deps.fetch(targetOf(deps.url, how), {
      method: "POST",
      headers: { authorization: `Token ${deps.token}`, "content-type": "text/plain" },
      body,
    });
    text = await response.text();
  } catch (error) {
    return `no answer from ${deps.url} (${reasonOf(error)})`;
  }
  const { status } = response;
  if (status === 503 || status === 429 || status === 502 || status === 504)
    return `${status} ${text.slice(0, 200)}\0${response.headers.get("retry-after") ?? ""}`;
  const taken = status === 200 || status === 400 ? takenOf(text) : undefined;
  if (taken !== undefined) return { taken };
  throw new AppError(
    status === 401 || status === 403 ? "forbidden" : "invalid",
    `the server answered ${status}: ${text.slice(0, 300)}`,
  );
}

function takenOf(text: string): Taken | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // not our server's answer; the caller shows it
  }
  if (typeof value !== "object" || value === null || !("rejectedLines" in value)) return undefined;
  return value as Taken; // the documented form of `history=true`
}

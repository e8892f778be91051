import { AppError, reasonOf } from "../../../domain/error.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { DuckdbConnection } from "../connection.ts";

export type PoolLimits = {
  /** Reads that run at the same time, each on a connection of its own. */
  readonly connections: number;
  /** Reads that may wait for a connection. */
  readonly waiting: number;
  /** A read that runs longer is ended. */
  readonly readMs: number;
};

export type ReadPool = {
  use<T>(read: (connection: DuckdbConnection) => Promise<T>): Promise<T>;
  /** Runs something while no read runs; reads wait for it. Does nothing while one runs. */
  quietly(run: () => Promise<void>): Promise<void>;
  /** Reads that were run since the start. */
  served(): number;
  /** Reads refused since the start because too many waited. */
  refused(): number;
  /** Ends what runs, refuses what waits, closes the connections. */
  close(): Promise<void>;
};

function stopping(): AppError {
  return new AppError("unavailable", "the series store is stopping");
}

/** Runs reads beside the writer, a bounded number at a time and each for a bounded time. */
export function createReadPool(deps: {
  readonly clock: Clock;
  readonly limits: PoolLimits;
  readonly open: () => Promise<DuckdbConnection>;
}): ReadPool {
  const { limits } = deps;
  const idle: DuckdbConnection[] = [];
  const busy = new Map<DuckdbConnection, Promise<unknown>>();
  const waiting: { go: () => void; refuse: (error: Error) => void }[] = [];
  let opened = 0;
  let served = 0;
  let refused = 0;
  let closed = false;

  function slot(): Promise<void> | undefined {
    if (closed) throw stopping();
    if (opened < limits.connections) {
      opened++;
      return undefined;
    }
    if (waiting.length >= limits.waiting) {
      refused++;
      const message = `${waiting.length} reads of the series store are waiting; try again later`;
      throw new AppError("unavailable", message);
    }
    return new Promise((go, refuse) => waiting.push({ go, refuse }));
  }

  function release(): void {
    const next = waiting.shift();
    if (next) next.go();
    else opened--;
  }

  async function timed<T>(
    connection: DuckdbConnection,
    read: (connection: DuckdbConnection) => Promise<T>,
  ): Promise<T> {
    let late = false;
    // Again each time: a statement that has not begun yet does not notice.
    const cancel = deps.clock.every(limits.readMs, () => {
      late = true;
      connection.interrupt();
    });
    try {
      return await read(connection);
    } catch (error) {
      if (error instanceof AppError) throw error;
      const message = late
        ? `the read took longer than ${limits.readMs} ms; ask for fewer series or less time`
        : `the read failed: ${reasonOf(error)}`;
      throw new AppError(late || closed ? "unavailable" : "internal", message, { cause: error });
    } finally {
      cancel();
    }
  }

  return {
    async use(read) {
      await slot();
      try {
        served++;
        const connection = idle.pop() ?? (await deps.open());
        if (closed) {
          connection.close();
          throw stopping();
        }
        const run = timed(connection, read);
        busy.set(connection, run);
        try {
          return await run;
        } finally {
          busy.delete(connection);
          if (closed) connection.close();
          else idle.push(connection);
        }
      } finally {
        release();
      }
    },
    async quietly(run) {
      if (opened > 0 || closed) return;
      opened = limits.connections;
      try {
        await run();
      } finally {
        for (let slots = limits.connections; slots > 0; slots--) release();
      }
    },
    served: () => served,
    refused: () => refused,
    async close() {
      closed = true;
      for (const { refuse } of waiting.splice(0)) refuse(stopping());
      while (busy.size > 0) {
        // Again each time: a statement that has not begun yet does not notice.
        for (const connection of busy.keys()) connection.interrupt();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      for (const connection of idle.splice(0)) connection.close();
    },
  };
}

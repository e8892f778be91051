/**
 * Calls between threads: one side serves an object of async functions, the other gets a proxy of it.
 * Other messages may travel on the same port; only objects with an `rpc` field are taken.
 */
export type RpcPort = {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
};

type Call = { rpc: "call"; id: number; method: string; args: unknown[] };
type Reply =
  | { rpc: "reply"; id: number; ok: true; value: unknown }
  | { rpc: "reply"; id: number; ok: false; error: RpcFailure };

/** An error as plain data, since classes do not survive the way between threads. */
export type RpcFailure = {
  readonly message: string;
  readonly code: string | undefined;
  readonly details: unknown;
};

// biome-ignore lint/suspicious/noExplicitAny: any function type must be assignable here
type AsyncMethod = (...args: any[]) => Promise<unknown>;
/** An API that can be called over a port: async functions of values that can be cloned. */
export type RpcApi<T> = { [K in keyof T]: AsyncMethod };

/**
 * Answers calls that arrive on `port`. Buffers in what a method returns are transferred, so it must
 * return buffers that nobody else uses.
 */
export function serveRpc<T extends RpcApi<T>>(port: RpcPort, api: T): void {
  port.addEventListener("message", (event: MessageEvent) => {
    const call: unknown = event.data;
    if (isCall(call)) void answer(port, api, call);
  });
}

async function answer<T extends RpcApi<T>>(port: RpcPort, api: T, call: Call): Promise<void> {
  let reply: Reply;
  try {
    if (!Object.hasOwn(api, call.method)) throw new Error(`no such method: ${call.method}`);
    // hasOwn proves that the name is one of the API's methods.
    const value = await api[call.method as keyof T](...call.args);
    reply = { rpc: "reply", id: call.id, ok: true, value };
  } catch (error) {
    reply = { rpc: "reply", id: call.id, ok: false, error: failureOf(error) };
  }
  port.postMessage(reply, reply.ok ? buffersOf(reply.value) : []);
}

function failureOf(error: unknown): RpcFailure {
  if (!(error instanceof Error))
    return { message: String(error), code: undefined, details: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { message: error.message, code, details: "details" in error ? error.details : undefined };
}

export type RpcClient<T> = {
  readonly api: T;
  /** Rejects all calls under way and to come, e.g. because the other thread has died. */
  fail(reason: RpcFailure): void;
};

/**
 * A proxy of the API served on the other side of `port`. At most `maxPending` calls may be under way;
 * one more rejects with the code "unavailable".
 */
export function createRpcClient<T extends RpcApi<T>>(deps: {
  readonly port: RpcPort;
  readonly methods: readonly (keyof T & string)[];
  readonly maxPending: number;
  /** Makes the error that the caller sees. */
  readonly errorOf: (failure: RpcFailure) => Error;
  /** Buffers of a call's arguments to transfer instead of copying; none by default. */
  readonly transferOf?: (method: keyof T & string, args: readonly unknown[]) => Transferable[];
}): RpcClient<T> {
  const pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (e: Error) => void }
  >();
  let nextId = 1;
  let failed: RpcFailure | undefined;
  deps.port.addEventListener("message", (event: MessageEvent) => {
    const reply: unknown = event.data;
    if (!isReply(reply)) return;
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(deps.errorOf(reply.error));
  });
  const call = (method: keyof T & string, args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (failed) return reject(deps.errorOf(failed));
      if (pending.size >= deps.maxPending) {
        const message = `${method}: ${pending.size} calls are waiting already; try again later`;
        return reject(deps.errorOf({ message, code: "unavailable", details: undefined }));
      }
      const id = nextId++;
      pending.set(id, { resolve, reject });
      const message: Call = { rpc: "call", id, method, args };
      deps.port.postMessage(message, deps.transferOf?.(method, args) ?? []);
    });
  const entries = deps.methods.map((m) => [m, (...args: unknown[]) => call(m, args)] as const);
  return {
    // Every method of T is in `methods` and answers with what the served T answers.
    api: Object.fromEntries(entries) as unknown as T,
    fail(reason) {
      failed = reason;
      for (const { reject } of pending.values()) reject(deps.errorOf(reason));
      pending.clear();
    },
  };
}

/** The buffers in a value of arrays, plain objects and typed arrays, each once; shared memory is left out. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (one: unknown): void => {
    if (typeof one !== "object" || one === null) return;
    if (one instanceof ArrayBuffer) found.add(one);
    else if (ArrayBuffer.isView(one)) {
      if (one.buffer instanceof ArrayBuffer) found.add(one.buffer);
    } else if (Array.isArray(one)) {
      if (typeof one[0] !== "number") for (const item of one) visit(item);
    } else for (const item of Object.values(one)) visit(item);
  };
  visit(value);
  return [...found];
}

function isCall(value: unknown): value is Call {
  return typeof value === "object" && value !== null && "rpc" in value && value.rpc === "call";
}

function isReply(value: unknown): value is Reply {
  return typeof value === "object" && value !== null && "rpc" in value && value.rpc === "reply";
}

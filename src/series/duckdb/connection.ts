import type {
  Appender,
  Connection,
  Database,
  DataChunk,
  LogicalType,
  Result,
  Vector,
} from "@duckdb/node-bindings";

/** DuckDB's C functions; the caller loads the native part and hands them in. */
export type Duckdb = typeof import("@duckdb/node-bindings");

/** A column to append: whole numbers, doubles, times in µs, or texts. */
export type AppendColumn =
  | { readonly kind: "u32"; readonly data: Uint32Array }
  | { readonly kind: "f64"; readonly data: Float64Array }
  | { readonly kind: "time"; readonly data: Float64Array }
  | { readonly kind: "text"; readonly data: readonly string[] }
  | { readonly kind: "blob"; readonly data: readonly Uint8Array[] };

/** Rows of a result, column by column. Statements must select UINTEGER, DOUBLE, VARCHAR or BLOB, never null. */
export type Rows = {
  readonly count: number;
  f64(column: number): Float64Array;
  u32(column: number): Uint32Array;
  text(column: number): string[];
  /** A copy of each. */
  blob(column: number): Uint8Array<ArrayBuffer>[];
};

export type DuckdbConnection = {
  /** Runs statements and drops what they return. */
  run(sql: string): Promise<void>;
  /** All rows of one statement. */
  rows(sql: string): Promise<Rows>;
  /**
   * The same in chunks, over DuckDB's own memory and disk. Where few rows of many match this is faster
   * than `stream`, which waits for every handful.
   */
  chunks(sql: string, take: (chunk: Rows) => void): Promise<void>;
  /** Rows as they come, a chunk of up to 2,048 at a time, so that no result is ever held whole. */
  stream(sql: string, take: (chunk: Rows) => void): Promise<void>;
  /** Appends `count` rows inside the running transaction. */
  append(table: string, columns: readonly AppendColumn[], count: number): void;
  /** Ends the statement that is running. */
  interrupt(): void;
  close(): void;
};

const CHUNK_ROWS = 2048;
const EMPTY = new Uint8Array(0);

/** Opens a connection. @throws DuckDB's own errors, from every function. */
export async function connect(duckdb: Duckdb, database: Database): Promise<DuckdbConnection> {
  const connection = await duckdb.connect(database);
  return {
    async run(sql) {
      await duckdb.query(connection, sql);
    },
    async rows(sql) {
      return gather(duckdb, await duckdb.query(connection, sql));
    },
    async chunks(sql, take) {
      const result = await duckdb.query(connection, sql);
      const count = duckdb.result_chunk_count(result);
      for (let at = 0; at < count; at++)
        take(chunkRows(duckdb, duckdb.result_get_chunk(result, at)));
    },
    stream: (sql, take) => stream(duckdb, connection, sql, take),
    append: (table, columns, count) => append(duckdb, connection, { table, columns, count }),
    interrupt: () => duckdb.interrupt(connection),
    close: () => duckdb.disconnect_sync(connection),
  };
}

function gather(duckdb: Duckdb, result: Result): Rows {
  const chunks = Array.from({ length: duckdb.result_chunk_count(result) }, (_, at) =>
    chunkRows(duckdb, duckdb.result_get_chunk(result, at)),
  );
  const count = chunks.reduce((sum, chunk) => sum + chunk.count, 0);
  const join = <T extends Float64Array | Uint32Array>(out: T, part: (chunk: Rows) => T): T => {
    let at = 0;
    for (const chunk of chunks) {
      out.set(part(chunk), at);
      at += chunk.count;
    }
    return out;
  };
  return {
    count,
    f64: (column) => join(new Float64Array(count), (chunk) => chunk.f64(column)),
    u32: (column) => join(new Uint32Array(count), (chunk) => chunk.u32(column)),
    text: (column) => chunks.flatMap((chunk) => chunk.text(column)),
    blob: (column) => chunks.flatMap((chunk) => chunk.blob(column)),
  };
}

async function stream(
  duckdb: Duckdb,
  connection: Connection,
  sql: string,
  take: (chunk: Rows) => void,
): Promise<void> {
  const prepared = await duckdb.prepare(connection, sql);
  try {
    const result = await duckdb.execute_prepared_streaming(prepared);
    for (;;) {
      const chunk = await duckdb.fetch_chunk(result);
      if (!chunk || duckdb.data_chunk_get_size(chunk) === 0) return;
      take(chunkRows(duckdb, chunk));
    }
  } finally {
    duckdb.destroy_prepare_sync(prepared);
  }
}

/** Views on the chunk's memory: to be copied or used before the chunk is given up. */
function chunkRows(duckdb: Duckdb, chunk: DataChunk): Rows {
  const count = duckdb.data_chunk_get_size(chunk);
  const vector = (column: number) => duckdb.data_chunk_get_vector(chunk, column);
  const bytes = (column: number, width: number) =>
    duckdb.vector_get_data(vector(column), count * width);
  return {
    count,
    f64(column) {
      const data = bytes(column, 8);
      return new Float64Array(data.buffer, data.byteOffset, count);
    },
    u32(column) {
      const data = bytes(column, 4);
      return new Uint32Array(data.buffer, data.byteOffset, count);
    },
    text: (column) => {
      const decoder = new TextDecoder();
      return strings(duckdb, bytes(column, 16), count).map((string) => decoder.decode(string));
    },
    blob: (column) => strings(duckdb, bytes(column, 16), count).map((b) => new Uint8Array(b)),
  };
}

/** DuckDB's strings: 16 bytes each, the length and either 12 bytes of text or 4 and a pointer. */
function strings(duckdb: Duckdb, data: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: count }, (_, row) => {
    const length = view.getUint32(row * 16, true);
    if (length <= 12) return data.subarray(row * 16 + 4, row * 16 + 4 + length);
    // The bindings' buffers are plain ArrayBuffers over DuckDB's memory.
    const buffer = data.buffer as ArrayBuffer;
    return duckdb.get_data_from_pointer(buffer, data.byteOffset + row * 16 + 8, length);
  });
}

function append(
  duckdb: Duckdb,
  connection: Connection,
  rows: { table: string; columns: readonly AppendColumn[]; count: number },
): void {
  if (rows.count === 0) return;
  const appender: Appender = duckdb.appender_create(connection, null, rows.table);
  try {
    const chunk = duckdb.create_data_chunk(rows.columns.map((c) => typeOf(duckdb, c)));
    const scratch = new ArrayBuffer(CHUNK_ROWS * 8);
    for (let from = 0; from < rows.count; from += CHUNK_ROWS) {
      const size = Math.min(CHUNK_ROWS, rows.count - from);
      duckdb.data_chunk_reset(chunk);
      rows.columns.forEach((column, index) => {
        const vector = duckdb.data_chunk_get_vector(chunk, index);
        fill(duckdb, vector, { column, from, size, scratch });
      });
      duckdb.data_chunk_set_size(chunk, size);
      duckdb.append_data_chunk(appender, chunk);
    }
    duckdb.appender_flush_sync(appender);
  } catch (error) {
    // What it still holds would be written once its memory is given back, into whatever runs then.
    duckdb.appender_clear(appender);
    throw error;
  }
  duckdb.appender_close_sync(appender);
}

function typeOf(duckdb: Duckdb, column: AppendColumn): LogicalType {
  switch (column.kind) {
    case "u32":
      return duckdb.create_logical_type(duckdb.Type.UINTEGER);
    case "f64":
      return duckdb.create_logical_type(duckdb.Type.DOUBLE);
    case "time":
      return duckdb.create_logical_type(duckdb.Type.TIMESTAMP);
    case "text":
      return duckdb.create_logical_type(duckdb.Type.VARCHAR);
    case "blob":
      return duckdb.create_logical_type(duckdb.Type.BLOB);
  }
}

type Slice = { column: AppendColumn; from: number; size: number; scratch: ArrayBuffer };

function fill(duckdb: Duckdb, vector: Vector, { column, from, size, scratch }: Slice): void {
  switch (column.kind) {
    case "u32":
    case "f64": {
      const width = column.data.BYTES_PER_ELEMENT;
      const offset = column.data.byteOffset + from * width;
      // Columns come from messages between threads: never shared memory, always an ArrayBuffer.
      const buffer = column.data.buffer as ArrayBuffer;
      duckdb.copy_data_to_vector(vector, 0, buffer, offset, size * width);
      return;
    }
    case "time":
      toInt64(column.data, from, size, new Uint32Array(scratch));
      duckdb.copy_data_to_vector(vector, 0, scratch, 0, size * 8);
      return;
    case "text":
      for (let row = 0; row < size; row++)
        duckdb.vector_assign_string_element(vector, row, column.data[from + row] ?? "");
      return;
    case "blob":
      for (let row = 0; row < size; row++)
        duckdb.vector_assign_string_element_len(vector, row, column.data[from + row] ?? EMPTY);
      return;
  }
}

const TWO_32 = 2 ** 32;

/** Whole numbers to 64-bit integers by their halves; BigInt64Array is fifty times slower. */
function toInt64(data: Float64Array, from: number, size: number, words: Uint32Array): void {
  for (let row = 0; row < size; row++) {
    const value = data[from + row] ?? 0;
    const high = Math.floor(value / TWO_32);
    words[2 * row] = value - high * TWO_32;
    words[2 * row + 1] = high;
  }
}

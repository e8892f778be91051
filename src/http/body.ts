import { AppError } from "../domain/error.ts";

/**
 * Reads a body of at most `limitBytes`, inflating gzip, deflate and zstd; the limit counts inflated bytes.
 * @param take hears of bytes before they are held, in parts that add up to the body; it throws to stop.
 * @throws AppError "too-large", "unsupported" for a coding that is not known, "invalid" for a damaged body.
 */
export async function readBytes(
  request: Request,
  limitBytes: number,
  take: (bytes: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > limitBytes) throw tooLarge(limitBytes);
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") {
    // A body of undeclared length is cut off at the limit instead of being held whole.
    if (!request.headers.has("content-length") && request.body !== null)
      return gathered(request.body, limitBytes, take);
    take(declared);
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.length > limitBytes) throw tooLarge(limitBytes);
    return bytes;
  }
  const format = encoding === "x-gzip" ? "gzip" : encoding;
  if (format !== "gzip" && format !== "deflate" && format !== "zstd")
    throw new AppError(
      "unsupported",
      `content-encoding ${encoding} is not known; use gzip, deflate or zstd`,
    );
  if (request.body === null) return new Uint8Array(0);
  return inflate(request.body, format, limitBytes, take);
}

function tooLarge(limitBytes: number): AppError {
  return new AppError(
    "too-large",
    `the body is larger than ${limitBytes} bytes; send smaller batches`,
  );
}

async function inflate(
  body: ReadableStream<Uint8Array>,
  format: "gzip" | "deflate" | "zstd",
  limitBytes: number,
  take: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  // Bun's CompressionFormat knows zstd; the DOM type does not.
  const stream = body.pipeThrough(
    new DecompressionStream(format as CompressionFormat) as unknown as ReadableWritablePair<
      Uint8Array,
      Uint8Array
    >,
  );
  try {
    return await gathered(stream, limitBytes, take);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("invalid", `the ${format} body is damaged; send it again`, { cause });
  }
}

/** All bytes of a stream of at most `limitBytes`. */
async function gathered(
  stream: ReadableStream<Uint8Array>,
  limitBytes: number,
  take: (bytes: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  // Bun's stream iterates; the DOM type does not say so.
  for await (const part of stream as unknown as AsyncIterable<Uint8Array>) {
    sizeBytes += part.length;
    if (sizeBytes > limitBytes) throw tooLarge(limitBytes);
    take(part.length);
    parts.push(part);
  }
  const out = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A form's fields; a name sent more than once becomes an array, a file stays a File. */
function fieldsOf(form: Iterable<[string, FormDataEntryValue]>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form) {
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [before, value];
  }
  return fields;
}

/** Reads JSON or a form, by content type. An empty body is an empty object. */
export async function readFields(request: Request, limitBytes: number): Promise<unknown> {
  const type = (request.headers.get("content-type") ?? "").toLowerCase();
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (declared > limitBytes) throw tooLarge(limitBytes);
  if (type.startsWith("multipart/form-data")) return fieldsOf(await formOf(request, limitBytes));
  const bytes = await readBytes(request, limitBytes);
  if (bytes.length === 0) return {};
  const text = new TextDecoder().decode(bytes);
  if (type.startsWith("application/x-www-form-urlencoded"))
    return fieldsOf(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", "the body is not JSON; send application/json or a form", {
      cause,
    });
  }
}

async function formOf(
  request: Request,
  limitBytes: number,
): Promise<Iterable<[string, FormDataEntryValue]>> {
  const isDeclared = request.headers.has("content-length") || request.body === null;
  const whole = isDeclared
    ? request
    : new Response(await gathered(request.body, limitBytes), {
        headers: { "content-type": request.headers.get("content-type") ?? "" },
      });
  try {
    return (await whole.formData()).entries();
  } catch (cause) {
    throw new AppError("invalid", "the multipart form is damaged; send it again", { cause });
  }
}

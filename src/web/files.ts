import { type Route, route } from "../domain/route.ts";

/** A file that pages ask for: its name holds a hash of its content, so browsers keep it for a year. */
export type PageFile = {
  readonly path: string;
  readonly contentType: string;
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer>>;
};

/** One route a file. */
export function fileRoutes(files: readonly PageFile[]): Route[] {
  return files.map((file) =>
    route({
      method: "GET",
      path: file.path,
      surface: "page",
      permission: "open",
      summary: "A file of the pages.",
      handle: async ({ request }) => {
        const headers: Record<string, string> = {
          "content-type": file.contentType,
          "cache-control": "public, max-age=31536000, immutable",
          vary: "accept-encoding",
        };
        const bytes = await file.bytes();
        if (!(request.headers.get("accept-encoding") ?? "").includes("gzip"))
          return new Response(bytes, { headers });
        return new Response(Bun.gzipSync(bytes), {
          headers: { ...headers, "content-encoding": "gzip" },
        });
      },
    }),
  );
}

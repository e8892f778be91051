import { paths } from "../../views/paths.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import type { WebDeps } from "./deps.ts";

/** One tick in words for the page's script: server time, and time of the newest reading. */
export type Tick = { readonly serverMs: number; readonly newestMs: number | undefined };

/** `GET /live`: the event stream of one open page. */
export function liveRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: paths.live,
      summary: "Events for an open page: ticks, and names of what changed.",
      handle: ({ caller, request }) => {
        const encoder = new TextEncoder();
        let leave: (() => void) | undefined;
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            const send = (chunk: string) => {
              // A page that reads nothing for long is let go: its queue has a bound.
              if ((controller.desiredSize ?? 0) < -256) return end();
              controller.enqueue(encoder.encode(chunk));
            };
            const end = () => {
              leave?.();
              leave = undefined;
              controller.close();
            };
            leave = deps.live.join(caller.tenantId, { send, close: end });
            if (leave === undefined)
              throw new AppError("unavailable", "too many pages are open; this one is not live");
            send("retry: 3000\n\n");
            request.signal.addEventListener("abort", () => leave?.());
          },
          cancel: () => leave?.(),
        });
        return new Response(stream, {
          headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
        });
      },
    }),
  ];
}

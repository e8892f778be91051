/** A JSON answer. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** An HTML answer, whole page or part, from anything that renders itself to a string. */
export async function html(
  node: { toString(): string | Promise<string> },
  status = 200,
  headers: Record<string, string> = {},
): Promise<Response> {
  const text = await node.toString();
  return new Response(text.startsWith("<html") ? `<!doctype html>${text}` : text, {
    status,
    headers: { "content-type": "text/html; charset=utf-8", vary: "HX-Request", ...headers },
  });
}

/** Sends the browser on with a GET; 303, so that a form is never posted twice. */
export function redirect(to: string, headers: Record<string, string> = {}): Response {
  return new Response(null, { status: 303, headers: { location: to, ...headers } });
}

/**
 * Sends the browser on after a form. A form that a script sent gets the address to go to: redirected, the
 * script would follow it and put the whole page where the form was.
 */
export function onward(to: string, sentByScript: boolean): Response {
  return sentByScript ? empty(200, { "hx-redirect": to }) : redirect(to);
}

/** An answer without a body. */
export function empty(status = 204, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

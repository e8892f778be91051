/** An answer of the REST API, its body read. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many forms
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: any };

export type ApiClient = {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  request(method: string, path: string, init?: RequestInit): Promise<Answer>;
  /** Sends line protocol. */
  write(lines: string, query?: string): Promise<Answer>;
};

/** A client that sends `token`; "" sends none. Paths start with a slash. */
export function apiClient(url: string, token: string): ApiClient {
  const auth: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const request = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, {
      redirect: "manual",
      ...init,
      method,
      headers: { ...auth, ...(init.headers as Record<string, string> | undefined) }, // ours are records
    });
    const text = await response.text();
    const isJson = (response.headers.get("content-type") ?? "").includes("json");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== "" ? JSON.parse(text) : text,
    };
  };
  const send =
    (method: string) =>
    (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
      request(method, path, {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      });
  return {
    request,
    get: (path) => request("GET", path),
    post: send("POST"),
    patch: send("PATCH"),
    write: (lines, query = "db=x&precision=us") =>
      request("POST", `/write?${query}`, { body: lines }),
  };
}

/** Signs in and returns a client with the person's JWT. */
export async function signedInClient(
  url: string,
  tenant: string,
  email: string,
  password: string,
): Promise<ApiClient> {
  const answer = await apiClient(url, "").post("/api/v1/token", { email, password, tenant });
  if (answer.status !== 200)
    throw new Error(`sign-in of ${email}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return apiClient(url, answer.body.token);
}

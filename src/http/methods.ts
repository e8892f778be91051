import type { Method, Route } from "../domain/route.ts";

/** What stands at a path that was asked with a method it does not take. */
export type OtherMethods = {
  readonly methods: readonly Method[];
  readonly surface: Route["surface"];
};

/** Finds the methods that a path takes; undefined where no route has the path. */
export function createMethodFinder(
  routes: readonly Route[],
): (pathname: string) => OtherMethods | undefined {
  const all = routes.map((route) => ({ route, parts: route.path.split("/") }));
  return (pathname) => {
    const asked = pathname.split("/");
    const found = all.filter(
      ({ parts }) =>
        parts.length === asked.length &&
        parts.every((part, i) => (part.startsWith(":") ? asked[i] !== "" : part === asked[i])),
    );
    const first = found[0];
    if (first === undefined) return undefined;
    const methods = [...new Set(found.map(({ route }) => route.method))].sort();
    return { methods, surface: first.route.surface };
  };
}

import { reasonOf } from "../domain/error.ts";
import { compileRegex } from "../lib/linear-regex.ts";
import { badData, type Matcher } from "./expression.ts";

const MATCHES = ["=", "!=", "=~", "!~"] as const;

/** One condition on a label. @throws PromError "bad_data" for a regular expression that is none. */
export function matcher(name: string, text: string, value: string): Matcher {
  const op = MATCHES.find((one) => one === text);
  if (op === undefined) throw badData(`unknown match operator ${text}`);
  if (op === "=") return { name, op, value, matches: (found) => found === value };
  if (op === "!=") return { name, op, value, matches: (found) => found !== value };
  const isLike = likeOf(value);
  return { name, op, value, matches: op === "=~" ? isLike : (found) => !isLike(found) };
}

/** Plain alternatives, which is what dashboards send, need no machine. */
function likeOf(value: string): (found: string) => boolean {
  if (/^[\w :/|-]*$/.test(value)) {
    const words = new Set(value.split("|"));
    return (found) => words.has(found);
  }
  if (value === ".*") return () => true;
  if (value === ".+") return (found) => found !== "";
  try {
    const regex = compileRegex(value);
    const known = new Map<string, boolean>();
    return (found) => {
      const before = known.get(found);
      if (before !== undefined) return before;
      const isMatch = regex.match(found) !== undefined;
      known.set(found, isMatch);
      return isMatch;
    };
  } catch (error) {
    throw badData(`error parsing regexp ${JSON.stringify(value)}: ${reasonOf(error)}`);
  }
}

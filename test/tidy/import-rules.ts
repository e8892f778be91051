import type { Import } from "./source-files.ts";
import { isTest } from "./source-files.ts";

/** Folder of src/ that a path lies in; "" for a file directly in src/; undefined outside src/. */
function folderOf(path: string): string | undefined {
  const parts = path.split("/");
  if (parts[0] !== "src") return undefined;
  return parts.length > 2 ? (parts[1] ?? "") : "";
}

/** What a folder of src/ may import besides lib, domain and itself. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  "plugin-host": ["plugin-sdk"],
  web: ["views"],
  cli: ["src/app.ts"],
};

function mayImportFromSrc(folder: string, target: string): boolean {
  const targetFolder = folderOf(target);
  if (targetFolder === folder) return true;
  if (targetFolder === "lib") return true;
  if (folder === "lib") return false;
  if (targetFolder === "domain") return true;
  if (folder === "domain") return false;
  const also = ALSO[folder] ?? [];
  if (targetFolder === undefined) return also.includes(target.split("/")[0] ?? "");
  if (targetFolder === "") return also.includes(target);
  return also.includes(targetFolder);
}

/** Why a file may not import another, or undefined when it may. */
export function whyForbidden(from: string, found: Import): string | undefined {
  const { target } = found;
  if (target === "package.json" || from === "plugins/index.ts") return undefined;
  if (/^(node_modules|build)\//.test(target)) return undefined; // files to embed
  if (isTest(from) || from.startsWith("scripts/")) return undefined;
  const folder = folderOf(from);
  if (folderOf(target) === "demo" && folder !== "demo") {
    return folder === "cli" || /^src\/(app|demo-[a-z]+)\.ts$/.test(from)
      ? undefined
      : "only src/app.ts, src/demo-*.ts and src/cli import the demo plant";
  }
  if (isTest(target)) return "the product imports no test";
  if (target.startsWith("views/") && !["views", "src/web"].some((f) => from.startsWith(`${f}/`))) {
    return folder === "" ? undefined : "only src/web and files directly in src import views";
  }
  if (from.startsWith("plugins/")) {
    const own = from.split("/").slice(0, 2).join("/");
    const isFine = target.startsWith(`${own}/`) || target.startsWith("src/plugin-sdk/");
    return isFine ? undefined : "a plugin imports src/plugin-sdk and its own files";
  }
  if (from.startsWith("views/")) {
    if (target.startsWith("views/")) return undefined;
    return target.startsWith("src/domain/") ? undefined : "views import views and src/domain";
  }
  if (folder === undefined || folder === "") return undefined;
  return mayImportFromSrc(folder, target)
    ? undefined
    : `src/${folder} imports lib, domain and itself${
        ALSO[folder] === undefined ? "" : ` (and ${ALSO[folder].join(", ")})`
      }; meet through an interface in src/domain`;
}

import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";

/** Written last into an unpacked folder: what must be in it. */
type Manifest = { readonly files: Readonly<Record<string, number>> };
const MANIFEST = ".ok";

/**
 * Makes the folder `<root>/<name>` once and returns its path. `fill` writes into an empty folder beside
 * it, which is then renamed into place, so that nobody sees half of it and several processes may try at
 * the same time. A folder in which a file is missing or has another size is made again.
 * @throws the file system's error when `root` cannot be written, and whatever `fill` throws.
 */
export async function unpackOnce(task: {
  readonly root: string;
  readonly name: string;
  readonly fill: (folder: string) => Promise<void>;
}): Promise<string> {
  const target = join(task.root, task.name);
  if (isWhole(target)) return target;
  mkdirSync(task.root, { recursive: true });
  removeLeftovers(task.root, task.name);
  const fresh = mkdtempSync(join(task.root, `${task.name}.new-${process.pid}-`));
  try {
    await task.fill(fresh);
    writeManifest(fresh);
    putInPlace(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return target;
}

function putInPlace(fresh: string, target: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(fresh, target);
      return;
    } catch (error) {
      if (isWhole(target)) return; // another process was first
      if (attempt === 2) throw error;
    }
    // What is there is damaged. Moved, not deleted in place: a process may still have its files open.
    const away = mkdtempSync(`${target}.new-${process.pid}-`);
    if (existsSync(target)) renameSync(target, join(away, "damaged"));
    rmSync(away, { recursive: true, force: true });
  }
}

function isWhole(folder: string): boolean {
  const manifest = join(folder, MANIFEST);
  if (!existsSync(manifest)) return false;
  let files: Manifest["files"];
  try {
    files = JSON.parse(readFileSync(manifest, "utf8")).files;
  } catch {
    return false; // cut or overwritten: as good as absent
  }
  return Object.entries(files).every(
    ([path, size]) => lstatSync(join(folder, path), { throwIfNoEntry: false })?.size === size,
  );
}

function writeManifest(folder: string): void {
  const files: Record<string, number> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(folder.length + 1)] = lstatSync(path).size;
  }
  const fd = openSync(join(folder, MANIFEST), "wx");
  writeSync(fd, JSON.stringify({ files } satisfies Manifest));
  fsyncSync(fd);
  closeSync(fd);
}

/** Removes the half-made folders of processes that are gone. */
function removeLeftovers(root: string, name: string): void {
  const prefix = `${basename(name)}.new-`;
  for (const entry of readdirSync(root)) {
    if (!entry.startsWith(prefix)) continue;
    const pid = Number.parseInt(entry.slice(prefix.length), 10);
    if (!isRunning(pid)) rmSync(join(root, entry), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

const BLOCK = 512;

/** The folder as a tar (ustar) of files and links, in order of name and with no times: same content, same bytes. */
export function tarOf(folder: string): Uint8Array {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const parts: Uint8Array[] = [];
  for (const path of paths) {
    const full = join(folder, path);
    const stat = lstatSync(full);
    const link = stat.isSymbolicLink() ? readlinkSync(full) : undefined;
    const body = link === undefined ? readFileSync(full) : new Uint8Array();
    const mode = stat.mode & 0o111 ? 0o755 : 0o644;
    parts.push(header({ path, size: body.length, mode, link }), body);
    parts.push(new Uint8Array((BLOCK - (body.length % BLOCK)) % BLOCK));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(parts);
}

function header(entry: {
  path: string;
  size: number;
  mode: number;
  link: string | undefined;
}): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const cut = entry.path.length <= 100 ? 0 : entry.path.indexOf("/", entry.path.length - 101);
  if (cut < 0 || cut > 155) throw new Error(`path too long for the archive: ${entry.path}`);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  block.write(cut === 0 ? entry.path : entry.path.slice(cut + 1), 0);
  octal(entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(entry.size, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "latin1");
  block.write(entry.link === undefined ? "0" : "2", 156, "latin1");
  block.write(entry.link ?? "", 157);
  block.write("ustar\u000000", 257, "latin1");
  if (cut > 0) block.write(entry.path.slice(0, cut), 345);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

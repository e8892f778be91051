import { join } from "node:path";

/** A certificate for localhost that nobody signed but itself; paths of PEM files in the folder. */
export async function selfSigned(folder: string): Promise<{ cert: string; key: string }> {
  const cert = join(folder, "cert.pem");
  const key = join(folder, "key.pem");
  const child = Bun.spawn(
    [
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ],
    { stdout: "ignore", stderr: "pipe" },
  );
  if ((await child.exited) !== 0)
    throw new Error(`openssl made no certificate: ${await new Response(child.stderr).text()}`);
  return { cert, key };
}

/** A form's values as text, for showing it again. */
export function valuesOfForm(form: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, typeof value === "string" ? value : ""]),
  );
}

/** A number that people write, with point or comma; undefined when nothing is written. */
export function readAmount(text: string | undefined): number | undefined | "wrong" {
  const trimmed = (text ?? "").trim().replace(",", ".");
  if (trimmed === "") return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) && value >= 0 ? value : "wrong";
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?$/;

/**
 * A date, or date and time, of the plant's wall clock as µs since epoch; midnight when only a date is
 * written. An hour that the clocks skip is taken after the change.
 */
export function readLocalTime(text: string, zone: string): number | undefined {
  const parts = LOCAL.exec(text.trim());
  if (parts === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0"] = parts.map((part) => part ?? "0");
  const wallMs = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
  );
  if (new Date(wallMs).getUTCDate() !== Number(day)) return undefined;
  const shownMs = (atMs: number) => {
    const shown = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone,
      dateStyle: "short",
      timeStyle: "medium",
    }).format(new Date(atMs));
    return Date.parse(`${shown.replace(" ", "T")}Z`);
  };
  const before = shownMs(wallMs - 86_400_000) - (wallMs - 86_400_000);
  const after = shownMs(wallMs + 86_400_000) - (wallMs + 86_400_000);
  const exact = [before, after]
    .map((offset) => wallMs - offset)
    .filter((at) => shownMs(at) === wallMs);
  return (exact[0] ?? wallMs - before) * 1000;
}

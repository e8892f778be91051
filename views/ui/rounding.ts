/**
 * Rounds parts to whole steps of `unit` so that they add up exactly to the rounded total: each is floored,
 * then the steps still missing go to the largest remainders (largest-remainder method). Ties go to the
 * earlier part, so the same numbers always show the same way.
 */
export function roundToTotal(values: readonly number[], total: number, unit = 1): number[] {
  const floors = values.map((value) => Math.floor(value / unit));
  const missing = Math.round(total / unit) - floors.reduce((sum, value) => sum + value, 0);
  const order = values
    .map((value, index) => ({ index, rest: value / unit - Math.floor(value / unit) }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index);
  const shown = [...floors];
  const step = Math.sign(missing);
  // Values that already sum to the total miss fewer steps than there are parts; others go round again.
  const line = step > 0 ? order : order.toReversed();
  for (let given = 0; given < Math.abs(missing) && line.length > 0; given++) {
    const at = line[given % line.length]?.index ?? 0;
    shown[at] = (shown[at] ?? 0) + step;
  }
  return shown.map((steps) => steps * unit);
}

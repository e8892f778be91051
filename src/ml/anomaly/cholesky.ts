/**
 * Inverse of a symmetric positive definite matrix (row after row) by Cholesky's factors.
 * @throws RangeError when it is not positive definite.
 */
export function inverseOf(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (lower[i * n + k] ?? 0) * (lower[j * n + k] ?? 0);
      if (i === j && !(sum > 0)) throw new RangeError("matrix is not positive definite");
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / (lower[j * n + j] ?? 1);
    }
  }
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    const solved = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = 0; k < i; k++) sum -= (lower[i * n + k] ?? 0) * (solved[k] ?? 0);
      solved[i] = sum / (lower[i * n + i] ?? 1);
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = solved[i] ?? 0;
      for (let k = i + 1; k < n; k++) sum -= (lower[k * n + i] ?? 0) * (solved[k] ?? 0);
      solved[i] = sum / (lower[i * n + i] ?? 1);
    }
    for (let i = 0; i < n; i++) inverse[i * n + column] = solved[i] ?? 0;
  }
  return inverse;
}

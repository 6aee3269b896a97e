/** Matrices of 3×3 numbers, in rows. */

export const IDENTITY: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1];

export function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!;
  });
}

/** A matrix times a column. */
export function applied(m: readonly number[], [x, y, z]: readonly [number, number, number]) {
  const row = (i: number) => m[i]! * x + m[i + 1]! * y + m[i + 2]! * z;
  return [row(0), row(3), row(6)] as const;
}

/** By cofactors. */
export function inverse(m: readonly number[]): number[] {
  const cofactor = (row: number, column: number) => {
    const at = (r: number, c: number) => m[3 * ((row + r) % 3) + ((column + c) % 3)]!;
    return at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1);
  };
  const determinant = m[0]! * cofactor(0, 0) + m[1]! * cofactor(0, 1) + m[2]! * cofactor(0, 2);
  return Array.from({ length: 9 }, (_, i) => cofactor(i % 3, Math.floor(i / 3)) / determinant);
}

/** Student's t at 97.5 %, by degrees of freedom from 1 to 30. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
/** The normal distribution's, which t comes down to. */
const Z = 1.959964;

/** Student's t at 97.5 %; beyond 30 degrees of freedom by the first terms of its series (Cornish, Fisher), which are right to 0.001 there. */
export function studentT(degrees: number): number {
  const known = T[degrees - 1];
  if (known !== undefined) return known;
  if (degrees < 1) return Number.NaN;
  return Z + (Z ** 3 + Z) / (4 * degrees) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * degrees ** 2);
}

/**
 * Whether a reading passes a threshold by a relational operation of SOL006; undefined: nobody knows, since there is no reading or the
 * operation is none.
 */
export function compares(
  reading: number | undefined,
  operation: string,
  threshold: number,
): boolean | undefined {
  if (reading === undefined) return undefined;
  switch (operation.toUpperCase()) {
    case 'GT':
      return reading > threshold;
    case 'GE':
      return reading >= threshold;
    case 'LT':
      return reading < threshold;
    case 'LE':
      return reading <= threshold;
    case 'EQ':
      return reading === threshold;
    case 'NE':
      return reading !== threshold;
    default:
      return undefined;
  }
}

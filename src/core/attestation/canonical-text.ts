/** What has one canonical text: text, whole numbers, truth values, lists and records of them. */
export type Canonical =
  | string
  | number
  | boolean
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

/**
 * The one text of a value: JSON without spaces, keys sorted by code unit (RFC 8785, without fractions and null). We sign and hash
 * this rather than CBOR because everything in a reference or a manifest is text and whole numbers: an operator can read what was
 * signed, and recompute it with any JSON tool. Two different values never have the same text. Throws RangeError for numbers that
 * are not safe integers and for lone surrogates, which have no agreed bytes.
 */
export function canonicalText(value: Canonical): string {
  switch (typeof value) {
    case 'string':
      if (/\p{Cs}/u.test(value)) throw new RangeError('a lone surrogate has no canonical text');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`);
      return String(value + 0 === 0 ? 0 : value);
    default:
      return isList(value) ? `[${value.map(canonicalText).join(',')}]` : record(value);
  }
}

function record(value: { readonly [key: string]: Canonical }): string {
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${fields.map(([key, each]) => `${canonicalText(key)}:${canonicalText(each)}`).join(',')}}`;
}

function isList(
  value: readonly Canonical[] | { readonly [key: string]: Canonical },
): value is readonly Canonical[] {
  return Array.isArray(value);
}

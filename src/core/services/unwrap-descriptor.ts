import type { DescriptorKind } from '../../protocol/descriptors.ts';
import { showText } from '../problems/problem.ts';
import { type Cursor, child, each } from './cursor.ts';
import { type PackageFinding, refused } from './package-finding.ts';

export type Unwrapped =
  | { readonly ok: true; readonly kind: DescriptorKind; readonly root: Cursor }
  | { readonly ok: false; readonly finding: PackageFinding };

/** OSM's own words (HTTP 422). */
export const OLD_FORMAT = 'ERROR: Unsupported descriptor format. Please, use an ETSI SOL006 descriptor.';
const OLD_ENVELOPES = [
  'vnfd-catalog',
  'vnfd:vnfd-catalog',
  'nsd-catalog',
  'nsd:nsd-catalog',
  'vnfd:vnfd',
] as const;
const ENVELOPES: readonly (readonly [DescriptorKind, readonly string[]])[] = [
  ['nsd', ['nsd', 'etsi-nfv-nsd:nsd']],
  ['vnfd', ['vnfd', 'etsi-nfv-vnfd:vnfd']],
];
const SLICES = ['nst', 'nst:nst', 'nst-catalog'];

/**
 * Takes a descriptor out of the envelopes that files have around it: `vnfd:`, `nsd: nsd: [..]`, `etsi-nfv-nsd:nsd`, or none.
 * What is in OSM's older format, or is no descriptor of a function or service, is refused.
 */
export function unwrapDescriptor(tree: unknown): Unwrapped {
  const file: Cursor = { value: tree, path: [] };
  const old = OLD_ENVELOPES.find((key) => child(file, key) !== undefined);
  if (old !== undefined) {
    const mend =
      'translate it: in SOL006 a VNFD begins with `vnfd:`, an NSD with `nsd:` and in it `nsd:` again';
    return no('old-format', file, old, OLD_FORMAT, mend);
  }
  const slice = SLICES.find((key) => child(file, key) !== undefined);
  if (slice !== undefined) {
    const named = each(file, slice, 'netslice-subnet', 'nsd-ref').flatMap(({ value }) =>
      typeof value === 'string' ? showText(value) : [],
    );
    const names = [...new Set(named)].slice(0, 5).join(', ');
    const mend = names === '' ? 'onboard the NSDs that it names' : `onboard the NSDs that it names: ${names}`;
    return no('slice-template', file, slice, 'network slice templates are not supported', mend);
  }
  for (const [kind, keys] of ENVELOPES) {
    const key = keys.find((each) => child(file, each) !== undefined);
    const found = key === undefined ? undefined : child(file, key);
    if (found === undefined || key === undefined) continue;
    const root = onlyEntry(descend(onlyEntry(found), keys));
    if (root !== undefined) return { ok: true, kind, root };
    const message = `\`${key}\` has to hold one descriptor`;
    return no('not-a-descriptor', file, key, message, 'put each descriptor into a package of its own');
  }
  // Without an envelope: what only one of the two has tells which it is.
  if (['vdu', 'mgmt-cp', 'ext-cpd', 'kdu'].some((key) => child(file, key) !== undefined))
    return { ok: true, kind: 'vnfd', root: file };
  if (['vnfd-id', 'virtual-link-desc', 'vnffgd'].some((key) => child(file, key) !== undefined))
    return { ok: true, kind: 'nsd', root: file };
  const message = 'this is neither a VNFD nor an NSD';
  const finding = refused('not-a-descriptor', {
    path: [],
    message,
    mend: 'a VNFD begins with `vnfd:`, an NSD with `nsd:` and in it `nsd:` again, a service file with `service:`',
  });
  return { ok: false, finding };
}

/** An envelope within the envelope. */
function descend(at: Cursor | undefined, keys: readonly string[]): Cursor | undefined {
  if (at === undefined) return undefined;
  const inner = keys.map((key) => child(at, key)).find((found) => found !== undefined);
  return inner ?? at;
}

/** The one map there is: itself, or the only entry of a list. */
function onlyEntry(at: Cursor | undefined): Cursor | undefined {
  if (at === undefined || typeof at.value !== 'object' || at.value === null) return undefined;
  if (!Array.isArray(at.value)) return at;
  const items: readonly unknown[] = at.value;
  const [value] = items;
  return items.length === 1 ? onlyEntry({ value, path: [...at.path, 0] }) : undefined;
}

function no(
  code: 'old-format' | 'slice-template' | 'not-a-descriptor',
  file: Cursor,
  key: string,
  message: string,
  mend: string,
): Unwrapped {
  return { ok: false, finding: refused(code, { path: [...file.path, key], at: 'key', message, mend }) };
}

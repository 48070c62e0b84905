import type { DescriptorKind } from '../../protocol/descriptors.ts';

/** Keys of the store: `package/vnfd/<id>`, `file/vnfd/<id>/<path>`, `use/nsd/<id>/<holder>`; names are escaped, so `/` only separates. */
export function packageKey(kind: DescriptorKind, id: string): string {
  return `package/${kind}/${escaped(id)}`;
}

export function fileKey(kind: DescriptorKind, id: string, path: string): string {
  return `file/${kind}/${escaped(id)}/${path}`;
}

export function holdKey(kind: DescriptorKind, id: string, holder: string): string {
  return `use/${kind}/${escaped(id)}/${escaped(holder)}`;
}

/** The holder in a key that begins with `holdKey(kind, id, '')`. */
export function holderOf(key: string): string {
  return decodeURIComponent(key.slice(key.lastIndexOf('/') + 1));
}

function escaped(text: string): string {
  return encodeURIComponent(text);
}

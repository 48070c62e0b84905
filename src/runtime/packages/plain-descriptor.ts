import { plainTree } from '../../core/services/plain-tree.ts';
import { unwrapDescriptor } from '../../core/services/unwrap-descriptor.ts';
import { parseYaml } from '../scenario/parse-yaml.ts';

/** An onboarded descriptor as plain values without its envelope: scalars are text, as they are written. */
export function plainDescriptor(bytes: Uint8Array): object {
  const parsed = parseYaml(new TextDecoder().decode(bytes), { scalars: 'text' });
  if (!parsed.ok) return {};
  const unwrapped = unwrapDescriptor(plainTree(parsed.yaml.value).tree);
  const value: unknown = unwrapped.ok ? unwrapped.root.value : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

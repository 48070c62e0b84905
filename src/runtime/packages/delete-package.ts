import type { Store } from '../../ports/store.ts';
import type { DescriptorKind } from '../../protocol/descriptors.ts';
import { MusterError } from '../../protocol/errors.ts';
import { fileKey, packageKey } from './package-keys.ts';
import { type StoredPackage, storedPackages } from './stored-packages.ts';

/**
 * Removes a package.
 * @throws CONFLICT (HTTP 409) while an instance uses it or an NSD names it; NOT_FOUND when it is not there.
 */
export async function deletePackage(store: Store, kind: DescriptorKind, id: string): Promise<StoredPackage> {
  return store.update(async (view) => {
    const found = (await storedPackages(view)).find(({ record }) => record.kind === kind && record.id === id);
    if (found === undefined) {
      throw new MusterError('NOT_FOUND', `there is no package ${kind}/${id}`, {
        hint: 'bin/muster package list',
      });
    }
    if (found.usedBy.length > 0) {
      throw new MusterError('CONFLICT', `${kind}/${id} is in use by ${found.usedBy.join(', ')}`, {
        hint: 'terminate what uses it first',
      });
    }
    const [nsd] = found.neededBy;
    if (nsd !== undefined) {
      throw new MusterError('CONFLICT', `${kind}/${id} is named by the NSD ${found.neededBy.join(', ')}`, {
        hint: `bin/muster package delete nsd/${nsd} --yes`,
      });
    }
    const keys = [packageKey(kind, id), ...found.record.files.map(({ path }) => fileKey(kind, id, path))];
    return { changes: keys.map((key) => ({ kind: 'delete', key })), answer: found };
  });
}

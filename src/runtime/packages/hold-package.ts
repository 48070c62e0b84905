import type { Store } from '../../ports/store.ts';
import type { DescriptorKind } from '../../protocol/descriptors.ts';
import { MusterError } from '../../protocol/errors.ts';
import { holdKey } from './package-keys.ts';
import { findRecord } from './stored-packages.ts';

/** Says that an instance uses a package: it stays as it is until the instance lets go of it. */
export async function holdPackage(
  store: Store,
  kind: DescriptorKind,
  id: string,
  holder: string,
): Promise<void> {
  await store.update(async (view) => {
    if ((await findRecord(view, kind, id)) === undefined) {
      throw new MusterError('NOT_FOUND', `there is no package ${kind}/${id}`, {
        hint: 'bin/muster package list',
      });
    }
    const key = holdKey(kind, id, holder);
    const held = view.keys(key).includes(key);
    return { changes: held ? [] : [{ kind: 'put', key, value: new Uint8Array() }], answer: undefined };
  });
}

export async function letGoOfPackage(
  store: Store,
  kind: DescriptorKind,
  id: string,
  holder: string,
): Promise<void> {
  const key = holdKey(kind, id, holder);
  await store.update(async (view) => ({
    changes: view.keys(key).includes(key) ? [{ kind: 'delete', key }] : [],
    answer: undefined,
  }));
}

import type { StoreView } from '../../../ports/store.ts';
import { MusterError } from '../../../protocol/errors.ts';
import { type StoredPackage, storedPackages } from '../../../runtime/packages/stored-packages.ts';
import { knownName } from '../../known-name.ts';

/** The package that is meant: `vnfd/<id>`, `nsd/<id>`, an id alone, or the beginning of one of them if that is enough. */
export async function findPackage(view: StoreView, typed: string): Promise<StoredPackage> {
  const all = await storedPackages(view);
  const full = ({ record }: StoredPackage) => `${record.kind}/${record.id}`;
  const list = 'bin/muster package list';
  if (/^(vnfd|nsd)\//.test(typed)) {
    const name = knownName(typed, all.map(full), 'package', list);
    const found = all.find((each) => full(each) === name);
    if (found !== undefined) return found;
  }
  const id = knownName(typed, [...new Set(all.map(({ record }) => record.id))], 'package', list);
  const [found, ...others] = all.filter(({ record }) => record.id === id);
  if (found !== undefined && others.length === 0) return found;
  throw new MusterError('USAGE', `${id} is a VNFD and an NSD`, { hint: `name it vnfd/${id} or nsd/${id}` });
}

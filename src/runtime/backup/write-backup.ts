import { createHash } from 'node:crypto';
import type { StoreView } from '../../ports/store.ts';
import { BACKUP_FORMAT, type BackupHeader, MAGIC, type PartName } from './backup-format.ts';

/** A store as it was at one time. */
export interface BackedUp {
  readonly name: PartName;
  readonly format: number;
  readonly view: StoreView;
}

/** A backup, piece by piece. @throws STORE_DAMAGED when what is stored is not what was put there. */
export async function* writeBackup(
  parts: readonly BackedUp[],
  about: Pick<BackupHeader, 'madeAtMs' | 'version'>,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash('sha256');
  const hashed = (bytes: Uint8Array): Uint8Array => {
    hash.update(bytes);
    return bytes;
  };
  const header: BackupHeader = {
    ...about,
    parts: parts.map(({ name, format, view }) => ({ name, format, values: view.keys('').length })),
  };
  yield hashed(line(`${MAGIC} ${BACKUP_FORMAT}`));
  yield hashed(line(JSON.stringify(header)));
  let values = 0;
  for (const { name: part, view } of parts) {
    for (const key of view.keys('')) {
      const value = await view.get(key);
      if (value === undefined) continue;
      yield hashed(line(JSON.stringify({ part, key, bytes: value.length })));
      if (value.length > 0) yield hashed(value);
      yield hashed(line(''));
      values++;
    }
  }
  yield line(JSON.stringify({ end: { values, sha256: hash.digest('hex') } }));
}

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}

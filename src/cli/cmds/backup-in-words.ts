import type { ReadBackup } from '../../runtime/backup/read-backup.ts';

/** What a backup holds, as lines for a terminal. */
export function backupInWords(file: string, { header, sha256 }: ReadBackup): readonly string[] {
  const parts = header.parts.map(({ name, values }) => `${name}: ${values} values`);
  return [
    `${file} is whole: ${parts.join(', ')}`,
    `made ${new Date(header.madeAtMs).toISOString()} by Muster ${header.version}, sha256 ${sha256}`,
  ];
}

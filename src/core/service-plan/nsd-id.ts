import { MusterError } from '../../protocol/errors.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';

/** Id of the NSD that a service file is about; of one that names functions, that of the NSD which is made from it. */
export function nsdIdOf(wanted: ServiceFile): string {
  if (!('nsd' in wanted)) return `functions-of-${wanted.name}`;
  if (typeof wanted.nsd === 'string') return wanted.nsd;
  throw new MusterError('USAGE', `the NSD of ${wanted.name} is named by a file`, {
    hint: 'muster service apply reads the file; the API takes the id of an onboarded NSD',
  });
}

export function noNsd(id: string): MusterError {
  return new MusterError('NOT_FOUND', `there is no NSD ${id}`, {
    hint: 'muster package list, muster package onboard',
  });
}

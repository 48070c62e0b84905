import { Readable } from 'node:stream';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';

/** A backup of what is managed here, piece by piece. */
export type Backup = () => AsyncIterable<Uint8Array>;

/** `/v1/backup`: all of it at one time, while it goes on. */
export function backupEndpoints(backup: Backup): readonly Endpoint[] {
  return [
    endpoint({
      // Not for who may only look: it has all parameters of services.
      method: 'POST',
      path: '/v1/backup',
      tag: 'Muster: what runs here',
      summary:
        'Services, packages and tokens as they are now, for muster restore; with its checksum at the end',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'The backup', type: 'application/octet-stream' } },
      handle: async () => ({ status: 200, type: 'application/octet-stream', body: Readable.from(backup()) }),
    }),
  ];
}

import { chmodSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';

/** Makes the directory of the state, and answers its true path. Throws NEEDS_ROOT, and NOT_SUPPORTED for one that units cannot reach. */
export function prepareDirectory(dir: string): string {
  if (process.getuid?.() !== 0) {
    throw new MusterError('NEEDS_ROOT', 'functions on Linux need root', {
      hint: 'run as root, or use the twin',
    });
  }
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  const path = realpathSync(dir);
  if (path === '/tmp' || path.startsWith('/tmp/')) {
    throw new MusterError('NOT_SUPPORTED', 'units have a /tmp of their own, so their state cannot be in it', {
      hint: 'use a directory like /run/muster-functions/main',
    });
  }
  // Passed through by the users of units, read by nobody.
  chmodSync(path, 0o711);
  mkdirSync(`${path}/run`, { recursive: true, mode: 0o711 });
  for (let above = dirname(path); above !== '/'; above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) {
      throw new MusterError(
        'NOT_SUPPORTED',
        `units cannot pass through ${above}, and their state is below it`,
        {
          hint: 'use a directory like /run/muster-functions/main',
        },
      );
    }
  }
  return path;
}

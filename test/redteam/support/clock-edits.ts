import type { Edit } from './product-copy.ts';

const VIEW = 'src/runtime/trust/trust-view.ts';

/** Site daemons whose time of day is shifted by the seconds that stand in a file. */
export function shiftedClocks(file: string): readonly Edit[] {
  return [
    {
      file: VIEW,
      find: 'export const wallSeconds = (): number => Date.now() / 1000;',
      put: `import { readFileSync } from 'node:fs';
const lever = (): string => { try { return readFileSync(${JSON.stringify(file)}, 'utf8'); } catch { return '0 both'; } };
const isDaemon = (process.argv[1] ?? '').includes('siteDaemon');
export const wallSeconds = (): number => Date.now() / 1000 + (isDaemon ? Number(lever().split(' ')[0]) : 0);`,
    },
  ];
}

/** The same where one clock is believed, the one that the lever names second: the time of day, or the chain's. */
export function oneClock(file: string): readonly Edit[] {
  return [
    ...shiftedClocks(file),
    {
      file: VIEW,
      find: 'Math.max(this.#chain.seconds, this.#options.wallSeconds())',
      put: "(isDaemon && lever().endsWith('chain') ? this.#chain.seconds : this.#options.wallSeconds())",
    },
  ];
}

import { readdirSync, readFileSync } from 'node:fs';

const CLOSES_ON_EXEC = 0o2000000;

/** Descriptors above `above` that a child of this process would get without having been given them. */
export function inheritableDescriptors(above: number): readonly number[] {
  return readdirSync('/proc/self/fdinfo').flatMap((name) => {
    const number = Number(name);
    if (number <= above) return [];
    try {
      const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1];
      return (Number.parseInt(flags ?? '', 8) & CLOSES_ON_EXEC) === 0 ? [number] : [];
    } catch {
      return []; // closed since
    }
  });
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';

const PackageSchema = z.object({ version: z.string() });

/** The version that the package states. */
export function musterVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return PackageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}

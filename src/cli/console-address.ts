import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { UpFile } from '../runtime/up/up-file.ts';
import { askUp } from './ask-up.ts';

/** Where `make setup` builds the console's pages. */
export const CONSOLE_PAGES = fileURLToPath(new URL('../../build/console/', import.meta.url));

/** A new address that opens the console of what is up here, once. */
export async function consoleAddress(up: UpFile): Promise<string> {
  const { path } = z.object({ path: z.string() }).parse(await askUp(up, 'POST', '/v1/console/addresses'));
  return `${up.api}${path}`;
}

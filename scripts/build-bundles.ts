import { fileURLToPath } from 'node:url';
import { buildPrograms } from '../src/runtime/genuine/build-programs.ts';
import { DEFAULT_ENTRY } from '../src/runtime/image/build-image.ts';
import { bundleAgent } from '../src/runtime/image/bundle-agent.ts';

// What agents, guards, site daemons and the ledger start from, built beforehand: else the first start waits for it.

const root = fileURLToPath(new URL('..', import.meta.url));
await Promise.all([buildPrograms(`${root}build/programs`), bundleAgent(DEFAULT_ENTRY)]);

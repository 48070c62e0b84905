import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { GROUPS } from './groups.ts';
import type { Row } from './row.ts';
import { troubleOf } from './row.ts';
import { cleanUp } from './support/clean-up.ts';
import { PRODUCT } from './support/product-copy.ts';
import type { Found } from './table.ts';
import { lineOf, markdownOf } from './table.ts';

const NAMES = Object.keys(GROUPS);

/** What was found before; groups of old kinds are forgotten. */
function read(path: string): Record<string, Found> {
  try {
    const { groups } = JSON.parse(readFileSync(path, 'utf8')) as { groups?: Record<string, Found> };
    return Object.fromEntries(Object.entries(groups ?? {}).filter(([, { rows }]) => Array.isArray(rows)));
  } catch {
    return {};
  }
}

/** A group that breaks off is a failure, and says so in the table; the others go on. */
async function attempt(name: string): Promise<readonly Row[]> {
  const group = GROUPS[name];
  if (group === undefined) throw new Error(`there is no group ${name}: ${NAMES.join(', ')}`);
  try {
    return await group.run();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    process.stderr.write(`redteam: ${name}: ${error instanceof Error ? error.stack : what}\n`);
    const told = { attack: group.title, attacker: '', did: 'the group broke off', what };
    return [{ id: `group-${name}`, ...told, expected: 'prevented', outcome: 'not tried' }];
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: NAMES },
      json: { type: 'string', default: join(PRODUCT, 'runs/redteam.json') },
      page: { type: 'string', default: join(PRODUCT, 'docs/redteam.md') },
    },
  });
  const beganMs = performance.now();
  const secondsSince = (ms: number): number => Math.round((performance.now() - ms) / 1000);
  // Groups that are not run now stay as they were found last.
  const groups = read(values.json);
  const where = `Node ${process.version} on ${process.platform}, ${process.getuid?.() === 0 ? 'as root' : 'not as root: rows that need it are skipped'}.`;
  mkdirSync(dirname(values.json), { recursive: true });
  // One after the other: times of detection would say more about the machine than about the product.
  for (const name of values.only) {
    const groupMs = performance.now();
    const rows = await attempt(name);
    await cleanUp();
    for (const row of rows) process.stdout.write(`${lineOf(row)}\n`);
    groups[name] = { title: GROUPS[name]?.title ?? name, rows, seconds: secondsSince(groupMs) };
    const known = NAMES.flatMap((each) => groups[each] ?? []);
    writeFileSync(values.json, `${JSON.stringify({ groups }, null, 2)}\n`);
    writeFileSync(values.page, markdownOf(known, where));
  }
  const rows = values.only.flatMap((name) => groups[name]?.rows ?? []);
  const failures = rows.filter((row) => troubleOf(row) !== undefined).length;
  const took = secondsSince(beganMs);
  process.stdout.write(
    `${rows.length} attacks in ${took} s (${(took / 60).toFixed(0)} minutes), ${failures} not as expected; ${values.page}\n`,
  );
  return failures === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `redteam: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
} finally {
  await cleanUp();
}

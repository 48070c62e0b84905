import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome, Row } from '../row.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct, ownDirectory } from '../support/product-copy.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import type { SoftwareTpm } from '../support/software-tpm.ts';
import { hasSoftwareTpm, softwareTpmAt } from '../support/software-tpm.ts';
import { eventually } from '../support/wait.ts';
import { ANY_QUOTE } from '../support/weakenings.ts';

const SITES = ['core', 'east', 'west'] as const;
/** Two rounds of an agent and the registry's look. */
const WITHIN_MS = 60_000;

const ROWS = [
  {
    id: 'quote-replayed',
    attack: "guard+tpm: an earlier quote of the site's own TPM, replayed",
    attacker: 'root at a site',
    did: "put a tpm2_quote of its own first in the guard's PATH, which gave the first quote again from then on",
    expected: 'detected',
  },
  {
    id: 'quote-foreign',
    attack: 'guard+tpm: quotes of another TPM than the one that was enrolled',
    attacker: 'root at a site',
    did: "ended the site's TPM, put another in its place, and killed the guard, so that the next one opens that TPM",
    expected: 'detected',
  },
] as const;

interface Found {
  readonly outcome: Outcome;
  readonly what: string;
  readonly excludedMs?: number;
}

interface Scene {
  readonly pipeline: RunningPipeline;
  readonly tpms: ReadonlyMap<string, SoftwareTpm>;
  /** Where the attacker's tpm2_quote is. */
  readonly path: string;
}

/** Quotes that fit neither the round nor the site, and what becomes of the site's agents. */
export async function platformRows(): Promise<readonly Row[]> {
  if (!hasSoftwareTpm()) {
    const what = 'skipped: needs swtpm and tpm2-tools';
    return ROWS.map((row) => ({ ...row, outcome: 'not tried', what }));
  }
  const sound = await scene('platform', []);
  const [replayed, foreign] = await Promise.all([replay(sound, 'east'), swap(sound, 'west')]);
  const others = (await sound.pipeline.status()).agents.filter(({ site }) => site === 'core');
  const unharmed = others.every(({ status, incarnation }) => status === 'attested' && incarnation === 1);
  const control = {
    did: `the agents of core, whose TPM is the enrolled one and whose tpm2_quote is the same without harm: ${unharmed ? 'attested all the time' : 'not attested'}`,
    asExpected: unharmed,
  };
  await sound.pipeline.stop();
  const weak = await scene('any-quote', ANY_QUOTE);
  const shown = await Promise.all([replay(weak, 'east'), swap(weak, 'west')]);
  await weak.pipeline.stop();
  return [replayed, foreign].flatMap((found, i) => {
    const [row, without] = [ROWS[i], shown[i]];
    if (row === undefined || without === undefined) return [];
    const did = `a copy of the product that takes any quote: ${without.outcome}, ${without.what}`;
    return [
      { ...row, ...found, control, withoutDefence: { did, asExpected: without.outcome === 'undetected' } },
    ];
  });
}

async function scene(name: string, edits: readonly Edit[]): Promise<Scene> {
  const path = ownDirectory('path');
  chmodSync(path, 0o755);
  const program = join(path, 'tpm2_quote');
  copyFileSync(fileURLToPath(new URL('../programs/replay-quote.sh', import.meta.url)), program);
  chmodSync(program, 0o755);
  const sockets = ownDirectory('tpms');
  const tpms = new Map<string, SoftwareTpm>();
  for (const site of SITES) tpms.set(site, await softwareTpmAt(join(sockets, `${site}.sock`)));
  const flags = ['--evidence', 'guard+tpm', '--tpm', `swtpm:path=${join(sockets, '{site}.sock')}`];
  const pipeline = await startPipeline(name, { root: copyOfProduct(name, edits), path, flags });
  return { pipeline, tpms, path };
}

async function replay({ pipeline, path }: Scene, site: string): Promise<Found> {
  const trigger = join(path, `replay-${site}`);
  writeFileSync(trigger, '');
  const found = await outcomeAt(pipeline, site, 1);
  rmSync(trigger);
  return found;
}

async function swap({ pipeline, tpms }: Scene, site: string): Promise<Found> {
  const pid = (await pipeline.status()).processes[`guard ${site}`];
  if (pid === undefined) throw new Error(`there is no guard of ${site}`);
  await tpms.get(site)?.replace();
  process.kill(pid, 'SIGKILL');
  return outcomeAt(pipeline, site, 0);
}

/**
 * What the ledger says first of the quotes of a site from now on: an agent thrown out for one, or passed with it. `spared`: rounds of
 * each agent that may have been committed before.
 */
async function outcomeAt(pipeline: RunningPipeline, site: string, spared: number): Promise<Found> {
  const names = new Set(
    (await pipeline.status()).agents.filter((each) => each.site === site).map(({ name }) => name),
  );
  const [seen, startMs] = [pipeline.entries.length, performance.now()];
  const told = (subject: string) => (entry: Entry) => entry.subject === subject;
  const first = await eventually(() => {
    for (const name of names) {
      const own = pipeline.entries.slice(seen).filter(told(name));
      const refused = own.find(({ event, reason }) => event === 'Revoked' && reason.includes('refused'));
      if (refused !== undefined) return { name, passed: false, entry: refused };
      const passes = own.filter(({ event }) => event === 'RoundPassed');
      const entry = passes[spared];
      if (entry !== undefined) return { name, passed: true, entry };
    }
    return undefined;
  }, WITHIN_MS);
  if (first === undefined) return { outcome: 'not tried', what: 'no round was decided in time' };
  const { name, passed, entry } = first;
  const what = `${name}: ${entry.reason}`;
  if (passed) return { outcome: 'undetected', what };
  return { outcome: 'detected', what, excludedMs: entry.atMs - startMs };
}

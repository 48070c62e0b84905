import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Outcome, Row } from '../row.ts';
import { ownDirectory } from '../support/product-copy.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';

const WITHIN_MS = 20_000;
const ImageSchema = z.looseObject({ bundle: z.string() });

/** A `setpriv` of the attacker's, first in the PATH of the guards; it does harm to the user whose trigger is there, once. */
export interface Wrapper {
  readonly path: string;
  trigger(uid: number, how: 'preload' | 'options'): string;
}

/** Throws where there is no C compiler. */
export function attackersSetpriv(): Wrapper {
  const path = ownDirectory('path');
  chmodSync(path, 0o755);
  const library = join(path, 'preload.c');
  writeFileSync(library, 'int slipped_in(int value) { return value + 1; }\n');
  execFileSync('gcc', ['-shared', '-fPIC', '-o', join(path, 'preload.so'), library], { stdio: 'pipe' });
  const source = fileURLToPath(new URL('../programs/setpriv.c', import.meta.url));
  execFileSync('gcc', ['-O1', '-o', join(path, 'setpriv'), source], { stdio: 'pipe' });
  return {
    path,
    trigger: (uid, how) => {
      const file = join(path, `${how}-${uid}`);
      writeFileSync(file, '');
      return file;
    },
  };
}

export interface Found {
  readonly outcome: Outcome;
  readonly what: string;
  readonly detectedMs?: number;
  readonly excludedMs?: number;
}

/** What an agent is started with, changed between its registration and its start. Each agent is killed for it, so that its guard starts it anew. */
export async function startEnvironmentRows(
  pipeline: RunningPipeline,
  wrapper: Wrapper,
): Promise<readonly Row[]> {
  const common = { attacker: 'root', expected: 'detected' as const };
  const [preload, options, control] = await Promise.all([
    withVariable(pipeline, wrapper, 'preload', 'a3'),
    withVariable(pipeline, wrapper, 'options', 'a5'),
    restarted(pipeline, 'a7'),
  ]);
  // Last: whoever else started meanwhile would get the changed bundle too.
  const bundle = await withBundle(pipeline, 'a6');
  const did = `a7 was killed too and started by the same setpriv without harm: ${control ? 'it is attested again' : 'it is not attested again'}`;
  const proof = { control: { did, asExpected: control } };
  return [
    {
      id: 'ld-preload',
      attack: 'LD_PRELOAD',
      did: "put a library under the agent through a setpriv of its own in the guard's PATH",
      ...common,
      ...preload,
      ...proof,
    },
    {
      id: 'node-options',
      attack: 'NODE_OPTIONS',
      did: 'had the agent import a module through NODE_OPTIONS in the same way: its text is unchanged',
      ...common,
      ...options,
      ...proof,
    },
    {
      id: 'bundle',
      attack: 'one byte changed in the bundle',
      did: 'changed one byte of the program in the signed image after the registry had read it, before the guard read it',
      ...common,
      ...bundle,
      ...proof,
    },
  ];
}

/** The same against guards that do not measure. */
export async function startEnvironmentWithoutDefence(
  pipeline: RunningPipeline,
  wrapper: Wrapper,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const found = {
    'ld-preload': await withVariable(pipeline, wrapper, 'preload', 'a6'),
    'node-options': await withVariable(pipeline, wrapper, 'options', 'a7'),
    bundle: await withBundle(pipeline, 'a8'),
  };
  return rows.map((row) => {
    const weak = Object.entries(found).find(([id]) => id === row.id)?.[1];
    if (weak === undefined) return row;
    const did = `a copy of the product whose guards do not measure: ${weak.outcome}, ${weak.what}`;
    return { ...row, withoutDefence: { did, asExpected: weak.outcome === 'undetected' } };
  });
}

async function withVariable(
  pipeline: RunningPipeline,
  wrapper: Wrapper,
  how: 'preload' | 'options',
  name: string,
): Promise<Found> {
  const { pid } = await pipeline.agent(name);
  const trigger = wrapper.trigger(uidOf(pid), how);
  const seen = pipeline.entries.length;
  process.kill(pid, 'SIGKILL');
  const used = await eventually(() => (existsSync(trigger) ? undefined : true), WITHIN_MS, 10);
  if (used === undefined) return { outcome: 'prevented', what: 'its setpriv was not used' };
  // What was said before is about the one that was killed.
  return fate(pipeline, name, seen, pipeline.entries.length);
}

async function withBundle(pipeline: RunningPipeline, name: string): Promise<Found> {
  const file = join(pipeline.sockets(), 'private/agent.image.json');
  const { pid } = await pipeline.agent(name);
  const text = readFileSync(file, 'utf8');
  const image = ImageSchema.parse(JSON.parse(text));
  const bundle = Buffer.from(image.bundle, 'base64');
  const at = bundle.indexOf('mailbox full');
  if (at < 0) throw new Error('the bundle does not say what was looked for');
  bundle.write('M', at);
  writeFileSync(
    file,
    text.replace(image.bundle, () => bundle.toString('base64')),
  );
  try {
    const seen = pipeline.entries.length;
    process.kill(pid, 'SIGKILL');
    return await fate(pipeline, name, seen);
  } finally {
    writeFileSync(file, text);
  }
}

/** What becomes of the incarnation that starts now. */
export async function fate(
  pipeline: RunningPipeline,
  name: string,
  seen: number,
  startedAt?: number,
): Promise<Found> {
  const startMs = performance.now();
  // Not what is said of the kill that came before it.
  const isOfTheNew = (entry: Entry | undefined, reason: string): boolean =>
    startedAt === undefined
      ? !/SIGKILL|the channel (was closed|broke)|the process has ended/.test(reason)
      : entry !== undefined && pipeline.entries.indexOf(entry) >= startedAt;
  const told = await eventually(() => {
    const since = pipeline.entries.slice(seen).filter(({ subject }) => subject === name);
    const registered = since.findIndex(({ event }) => event === 'AgentRegistered');
    return since.find(
      ({ fault, event, reason }, i) =>
        (fault === 'agent-ended' && isOfTheNew(since[i], reason)) ||
        (event === 'Revoked' && reason.includes('does not open')) ||
        (event === 'RoundPassed' && registered >= 0 && i > registered),
    );
  }, WITHIN_MS);
  if (told === undefined) return { outcome: 'not tried', what: 'nothing became of it in time' };
  if (told.event === 'RoundPassed') return { outcome: 'undetected', what: told.reason };
  const ms = told.atMs - startMs;
  return { outcome: 'detected', what: `never attested: ${told.reason}`, detectedMs: ms, excludedMs: ms };
}

async function restarted(pipeline: RunningPipeline, name: string): Promise<boolean> {
  const { pid, incarnation } = await pipeline.agent(name);
  process.kill(pid, 'SIGKILL');
  const back = await eventually(async () => {
    const agent = await pipeline.agent(name);
    return agent.incarnation > incarnation ? true : undefined;
  }, WITHIN_MS);
  return back === true;
}

export function uidOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

import { spawn } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { onEnd } from './clean-up.ts';
import { ownDirectory, PRODUCT } from './product-copy.ts';
import { eventually } from './wait.ts';

const UpSchema = z.object({ pid: z.number(), api: z.string(), token: z.string() });
const AgentSchema = z.object({
  name: z.string(),
  site: z.string(),
  status: z.string(),
  incarnation: z.number(),
  pid: z.number().nullable(),
  roles: z.array(z.string()),
  /** Whether it holds the newest group key. */
  keyed: z.boolean(),
  reason: z.string(),
});
const StatusSchema = z.object({
  ready: z.boolean(),
  ledger: z.object({
    url: z.string(),
    block: z.number(),
    pipeline: z.object({
      chainId: z.number(),
      genesisHash: z.string(),
      attestation: z.string(),
      keys: z.string(),
      fromBlock: z.number(),
    }),
  }),
  epoch: z.number(),
  processes: z.record(z.string(), z.number()),
  agents: z.array(AgentSchema),
});
export type Status = z.infer<typeof StatusSchema>;
export type AgentStatus = z.infer<typeof AgentSchema>;
const EntrySchema = z.looseObject({
  kind: z.string(),
  /** Whose entry it is. */
  agent: z.string().default(''),
  subject: z.string().default(''),
  reason: z.string().default(''),
  fault: z.string().optional(),
  event: z.string().optional(),
  action: z.string().optional(),
  rule: z.string().nullish(),
  status: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
  /** Of a message: which way it went, from or to whom, and what it belongs to. */
  direction: z.string().optional(),
  peer: z.string().optional(),
  conversation: z.string().optional(),
});
export type Entry = z.infer<typeof EntrySchema> & { readonly atMs: number };

const UP_WITHIN_MS = 120_000;
const DOWN_WITHIN_MS = 15_000;

export interface Options {
  /** Of the product, or of a changed copy of it. */
  readonly root?: string;
  /** Comes first in the PATH of the pipeline. */
  readonly path?: string;
  /** Further ones of `muster up`. */
  readonly flags?: readonly string[];
  /** How often agents are reborn, s. Absent: never, so that whom an attack is made against stays the same. */
  readonly rebirthS?: number;
}

/** A whole pipeline as a user starts it, seen from outside: its API, its journal, its log. */
export interface RunningPipeline {
  readonly root: string;
  readonly home: string;
  /** What the journal has said since the start, and when it came to us. */
  readonly entries: readonly Entry[];
  status(): Promise<Status>;
  /** The agents that are attested and run. */
  agent(name: string): Promise<AgentStatus & { readonly pid: number }>;
  /** What its processes have said. */
  log(): string;
  /** Where its sockets are. */
  sockets(): string;
  stop(): Promise<void>;
}

/**
 * Starts `muster up demo --plane twin`; resolves once it is up. It ends with the red team at the latest. On a busy machine a start
 * can fail, which says nothing about attacks: it is tried a second time, and told.
 */
export async function startPipeline(name: string, options: Options = {}): Promise<RunningPipeline> {
  try {
    return await startOnce(name, options);
  } catch (error) {
    process.stderr.write(`redteam: ${error instanceof Error ? error.message : String(error)}; once more\n`);
    return startOnce(`${name}-again`, options);
  }
}

async function startOnce(
  name: string,
  { root = PRODUCT, path, flags = [], rebirthS = 0 }: Options,
): Promise<RunningPipeline> {
  const home = ownDirectory(`home-${name}`);
  const temporary = ownDirectory(name);
  // As /tmp is: others may pass, and what the product does not shut itself is open.
  chmodSync(temporary, 0o711);
  const env: NodeJS.ProcessEnv = { ...process.env, MUSTER_HOME: home, MUSTER_DEBUG: '1', TMPDIR: temporary };
  if (path !== undefined) env['PATH'] = `${path}:${process.env['PATH'] ?? ''}`;
  let log = '';
  const fixed = ['--plane', 'twin', '--foreground', '--rebirth', String(rebirthS)];
  const arguments_ = [join(root, 'bin/muster.mjs'), 'up', 'demo', ...fixed, ...flags];
  const child = spawn(process.execPath, arguments_, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += String(text)));
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const reading = new AbortController();
  const stop = async (): Promise<void> => {
    reading.abort();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), DOWN_WITHIN_MS);
    await ended;
    clearTimeout(kill);
  };
  onEnd(stop);
  const up = await eventually(() => {
    if (child.exitCode !== null) throw new Error(`the pipeline ${name} did not come up: ${log.slice(-2000)}`);
    return readUp(join(home, 'up.json'));
  }, UP_WITHIN_MS);
  if (up === undefined) throw new Error(`the pipeline ${name} was not up in time: ${log.slice(-2000)}`);
  const headers = { authorization: `Bearer ${up.token}` };
  const status = async (): Promise<Status> =>
    StatusSchema.parse(await (await fetch(`${up.api}/v1/status`, { headers })).json());
  const entries: Entry[] = [];
  void follow(`${up.api}/v1/journal`, headers, reading.signal, (entry) => entries.push(entry));
  // What was said before we listened is not an answer to anything that we do.
  await eventually(
    () => entries.find(({ kind, reason }) => kind === 'phase' && reason.startsWith('up:')),
    10_000,
  );
  return {
    root,
    home,
    entries,
    status,
    agent: async (wanted) => {
      const found = await eventually(
        async () => {
          const agent = (await status()).agents.find((each) => each.name === wanted);
          return agent?.status === 'attested' && agent.pid !== null
            ? { ...agent, pid: agent.pid }
            : undefined;
        },
        40_000,
        200,
      );
      if (found === undefined) throw new Error(`${wanted} does not come back`);
      return found;
    },
    log: () => log,
    sockets: () => {
      const [found = ''] = readdirSync(temporary).filter((each) => each.startsWith('muster-'));
      return join(temporary, found);
    },
    stop,
  };
}

function readUp(path: string): z.infer<typeof UpSchema> | undefined {
  try {
    return UpSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function follow(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  take: (entry: Entry) => void,
): Promise<void> {
  try {
    const response = await fetch(url, { headers, signal });
    let rest = '';
    const text = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const lines = (rest + text.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        const entry = EntrySchema.safeParse(JSON.parse(line.slice(6)));
        if (entry.success) take({ ...entry.data, atMs: performance.now() });
      }
    }
  } catch {
    // The pipeline has ended, or we have.
  }
}

import { join } from 'node:path';
import { z } from 'zod';
import type { Row } from '../row.ts';
import { ROBBED } from '../support/insider-edits.ts';
import { asUser } from '../support/outsider.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';

/** What is on its way to the data plane when a revocation becomes final may still arrive, ms. */
const UNDER_WAY_MS = 1000;
const BESIDE = 'a7';
const KeySchema = z.object({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() });

interface Theft {
  readonly agent: string;
  readonly welcome: boolean;
  readonly helloAgain: string;
  readonly welcomeAgain: boolean;
  /** Commands that were carried out: all, and after the exclusion was final. */
  readonly done: number;
  readonly doneAfter: number;
  readonly ended: Entry | undefined;
  readonly revoked: Entry | undefined;
  readonly startMs: number;
}

/** Whoever has read an agent's signing key speaks for it, from a process of its own. */
export async function thiefRows(pipeline: RunningPipeline): Promise<readonly Row[]> {
  const beside = await pipeline.agent(BESIDE);
  const [revoked, stolen] = await Promise.all(ROBBED.map((name) => robbed(pipeline, name)));
  if (stolen === undefined || revoked === undefined) return [];
  const still = (await pipeline.status()).agents.find(({ name }) => name === BESIDE);
  const unharmed = still?.status === 'attested' && still.pid === beside.pid;
  const besideIt = `${BESIDE} at the same site, whose key nobody has: ${unharmed ? 'the same process, attested all the time' : 'it was not attested all the time'}`;
  const attacker = 'root, with the signing key out of an agent (changed copy: it tells it)';
  return [
    {
      id: 'stolen-signing-key',
      attack: "a stolen agent's key used from another process",
      attacker,
      did: `said hello to the site's daemon as ${stolen.agent}, and gave commands in its name`,
      expected: 'detected',
      ...theftFound(stolen),
      control: { did: besideIt, asExpected: unharmed },
    },
    {
      id: 'revoked-commands',
      attack: 'a revoked agent sending commands, and saying hello again',
      attacker,
      did: `went on giving commands as ${revoked.agent}, properly signed and numbered, when the ledger had revoked it`,
      expected: 'prevented',
      ...afterRevocation(revoked),
      // That the commands are in order shows the copy without the check: here its guard has ended the agent before the ledger can.
      control: {
        did: `${besideIt}; commands of the thief until its victim was revoked: ${revoked.done - revoked.doneAfter} were carried out`,
        asExpected: unharmed,
      },
    },
  ];
}

function theftFound(theft: Theft): Pick<Row, 'outcome' | 'what' | 'detectedMs' | 'excludedMs'> {
  const { welcome, done, ended, revoked, startMs } = theft;
  if (!welcome) return { outcome: 'not tried', what: `the daemon did not take it in: ${theft.helloAgain}` };
  if (ended === undefined || revoked === undefined)
    return {
      outcome: 'undetected',
      what: `it was taken for the agent, and ${done} commands were carried out`,
    };
  return {
    outcome: 'detected',
    what: `taken for the agent, which lost its connection by it and ended (${ended.reason}): ${revoked.reason} Until then ${done} commands were carried out`,
    detectedMs: ended.atMs - startMs,
    excludedMs: revoked.atMs - startMs,
  };
}

function afterRevocation(theft: Theft): Pick<Row, 'outcome' | 'what'> {
  const { revoked, doneAfter, welcomeAgain, helloAgain } = theft;
  if (revoked === undefined) return { outcome: 'not tried', what: 'it was not revoked' };
  if (doneAfter > 0 || welcomeAgain)
    return {
      outcome: 'undetected',
      what: `${doneAfter} commands were carried out; hello again: ${helloAgain}`,
    };
  return {
    outcome: 'prevented',
    what: `none was carried out later than ${UNDER_WAY_MS / 1000} s after; the connection was cut; hello again: ${helloAgain}`,
  };
}

async function robbed(pipeline: RunningPipeline, name: string): Promise<Theft> {
  const { site, incarnation } = await pipeline.agent(name);
  const { ledger, epoch } = await pipeline.status();
  const { chainId, genesisHash, attestation } = ledger.pipeline;
  const told = pipeline
    .log()
    .split('\n')
    .findLast((line) => line.includes(`${name}: STOLEN ${incarnation} `));
  const key = KeySchema.parse(JSON.parse(told?.slice(told.indexOf('{')) ?? 'null'));
  const robbery = {
    socket: join(pipeline.sockets(), `${site}.sock`),
    pipeline: `${chainId}:${genesisHash}:${attestation}`,
    ...{ agent: name, incarnation, epoch, key },
  };
  const seen = pipeline.entries.length;
  const startMs = performance.now();
  const [hello, , again] = await asUser(0, 'thief', JSON.stringify(robbery));
  const since = pipeline.entries.slice(seen);
  const own = since.filter(({ subject }) => subject === name);
  const revoked = own.find(({ event }) => event === 'Revoked');
  const done = since.filter(
    ({ kind, status, reason }) =>
      kind === 'action' && status === 'done' && reason.startsWith(`thief of ${name}`),
  );
  const after = done.filter(({ atMs }) => revoked !== undefined && atMs > revoked.atMs + UNDER_WAY_MS);
  return {
    agent: name,
    welcome: hello?.worked === true,
    helloAgain: again?.said ?? '',
    welcomeAgain: again?.worked === true,
    done: done.length,
    doneAfter: after.length,
    ended: own.find(({ fault }) => fault === 'agent-ended'),
    revoked,
    startMs,
  };
}

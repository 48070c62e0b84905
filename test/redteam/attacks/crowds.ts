import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../row.ts';
import { asUser, asUserUntil } from '../support/outsider.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { eventually, passes } from '../support/wait.ts';

/** Nobody's; below those of agents. */
const STRANGER = 60_900;
const AGENT_BACK_MS = 22_000;
/** A guard starts anew, is enrolled, and has its agents attested. */
const SITE_BACK_MS = 45_000;
/** Until all of a crowd are there, or knock in vain. */
const GATHERED_MS = 1500;

/** Many who hold places and say nothing. Nothing else should be measured meanwhile. */
export async function crowdRows(pipeline: RunningPipeline): Promise<readonly Row[]> {
  return [await crowdAtTheDoor(pipeline), await crowdAtTheLedger(pipeline)];
}

/** The same where everybody may knock at the door, and where places at the ledger go to who comes first. */
export async function crowdsWithoutDefence(
  pipeline: RunningPipeline,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const weak = await crowdRows(pipeline);
  return rows.map((row) => {
    const without = weak.find(({ id }) => id === row.id);
    if (without === undefined) return row;
    const copy =
      row.id === 'crowd-at-the-door'
        ? 'doors are open to every user'
        : "ledger's places go to who comes first and stays";
    const did = `a copy of the product whose ${copy}: ${without.outcome}, ${without.what}`;
    return { ...row, withoutDefence: { did, asExpected: without.outcome === 'not defended yet' } };
  });
}

async function crowdAtTheDoor(pipeline: RunningPipeline): Promise<Row> {
  const socket = join(pipeline.sockets(), 'east.sock');
  const calm = await killedAndBack(pipeline, 'a3');
  const [tried] = await asUser(STRANGER, 'reach', socket);
  const refused = tried?.worked === true ? undefined : tried?.said;
  const before = linesWith('/proc/net/unix', (line) => line.endsWith(socket));
  const crowd = await asUserUntil(STRANGER, 'crowd', `${socket} 80`);
  await passes(GATHERED_MS);
  const there = linesWith('/proc/net/unix', (line) => line.endsWith(socket)) - before;
  const seen = pipeline.entries.length;
  const back = await killedAndBack(pipeline, 'a3');
  const gone = pipeline.entries
    .slice(seen)
    .filter(({ fault, subject }) => fault === 'agent-ended' && subject === 'a3');
  crowd.stop();
  return {
    id: 'crowd-at-the-door',
    attack: 'silent connections to a site socket',
    attacker: 'any user of the machine',
    expected: 'prevented',
    did: 'kept 80 connections to the socket of a site open without a word (64 may wait, for 60 s each), while an agent of the site was killed',
    outcome: back === undefined ? 'not defended yet' : 'prevented',
    what:
      back === undefined
        ? `the agent does not come back as long as they stay; it ended ${gone.length} times meanwhile`
        : `the agent came back; ${there} such connections were there${refused === undefined ? '' : `, each was refused: ${refused}`}`,
    control: {
      did: `the same agent, killed before the crowd came: ${calm === undefined ? 'it was not back' : 'it was back'} in the same time`,
      asExpected: calm !== undefined,
    },
  };
}

async function crowdAtTheLedger(pipeline: RunningPipeline): Promise<Row> {
  const { ledger } = await pipeline.status();
  const calm = await guardKilledAndBack(pipeline, 'east');
  const crowd = await asUserUntil(STRANGER, 'crowd', `${ledger.url} 700`);
  await passes(GATHERED_MS);
  const port = Number(new URL(ledger.url).port).toString(16).toUpperCase().padStart(4, '0');
  const there = linesWith('/proc/net/tcp', (line) => line.includes(`:${port} `) && / 01 /.test(line)) / 2;
  const seen = pipeline.entries.length;
  const back = await guardKilledAndBack(pipeline, 'east');
  const harmed = pipeline.entries
    .slice(seen)
    .filter(({ event, subject }) => event === 'Suspended' && !['a3', 'a4'].includes(subject));
  const blocks = (await pipeline.status()).ledger.block - ledger.block;
  crowd.stop();
  const held = back !== undefined && harmed.length === 0;
  return {
    id: 'crowd-at-the-ledger',
    attack: "silent connections to the ledger's RPC",
    attacker: 'any user of the machine',
    expected: 'prevented',
    did: 'kept 700 connections open without a word (512 are taken), while a guard was killed: the next one needs a place, and so does whoever has lost its own',
    outcome: held ? 'prevented' : 'not defended yet',
    what: `${back === undefined ? `the site was not back within ${SITE_BACK_MS / 1000} s` : `the site was back after ${(back / 1000).toFixed(0)} s`}, beside ${Math.round(there)} connections; ${blocks} blocks were made, ${harmed.length} agents of other sites were suspended`,
    control: {
      did: `the same guard, killed before the crowd came: ${calm === undefined ? 'its site was not back' : `its site was back after ${(calm / 1000).toFixed(0)} s`}`,
      asExpected: calm !== undefined,
    },
  };
}

async function killedAndBack(pipeline: RunningPipeline, name: string): Promise<true | undefined> {
  const { pid, incarnation } = await pipeline.agent(name);
  process.kill(pid, 'SIGKILL');
  return eventually(
    async () => {
      const agent = (await pipeline.status()).agents.find((each) => each.name === name);
      const isBack = agent?.status === 'attested' && agent.incarnation > incarnation && agent.pid !== null;
      return isBack ? true : undefined;
    },
    AGENT_BACK_MS,
    500,
  );
}

/** How long it takes until all agents of a site are attested anew behind its next guard, ms; undefined: too long. */
async function guardKilledAndBack(pipeline: RunningPipeline, site: string): Promise<number | undefined> {
  const { processes, agents } = await pipeline.status();
  const pid = processes[`guard ${site}`];
  if (pid === undefined) throw new Error(`there is no guard of ${site}`);
  const before = new Map(agents.map((each) => [each.name, each.incarnation]));
  const startMs = performance.now();
  process.kill(pid, 'SIGKILL');
  const back = await eventually(
    async () => {
      const own = (await pipeline.status()).agents.filter((each) => each.site === site);
      const all = own.every(
        (each) => each.status === 'attested' && each.incarnation > (before.get(each.name) ?? 0),
      );
      return own.length > 0 && all ? true : undefined;
    },
    SITE_BACK_MS,
    500,
  );
  return back === undefined ? undefined : performance.now() - startMs;
}

function linesWith(table: string, which: (line: string) => boolean): number {
  return readFileSync(table, 'utf8').split('\n').filter(which).length;
}

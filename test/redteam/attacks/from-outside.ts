import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Try } from '../programs/outsider-tasks.ts';
import type { Proof, Row } from '../row.ts';
import { asUser, asUserUntil } from '../support/outsider.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { tamper } from '../support/tamper.ts';
import { eventually, passes } from '../support/wait.ts';
import { startBareAnvil } from './reorganisation.ts';
import { uidOf } from './start-environment.ts';

/** Nobody's; below those of agents. */
const STRANGER = 60_900;
/** The door of a site is for root's guards alone, so that what lies behind it is tried by root too. */
const ROOT = 0;
const CROWD_HELD_MS = 22_000;

/** What a user of the machine can do who is nobody, or who is an agent's user, with nothing from root. */
export async function outsideRows(pipeline: RunningPipeline): Promise<readonly Row[]> {
  const status = await pipeline.status();
  const socket = join(pipeline.sockets(), 'west.sock');
  const { url } = status.ledger;
  const agent = await pipeline.agent('a1');
  const other = await pipeline.agent('a3');
  const uid = uidOf(agent.pid);
  const ownSocket = asUser(ROOT, 'quiet', socket);
  const [cbor, impostor, rpc, allowed, reach, signals] = await Promise.all([
    asUser(ROOT, 'cbor', socket),
    asUser(ROOT, 'impostor', `${socket} a1 ${agent.incarnation}`),
    asUser(uid, 'rpc', url),
    asUser(uid, 'rpc-allowed', url),
    asUser(uid, 'reach', privatePlaces(pipeline, other.pid).join(' ')),
    asUser(uid, 'signal', [other.pid, ...Object.values(status.processes)].join(' ')),
  ]);
  const quiet = proofOf(await ownSocket, true, 'a connection that sends nothing wrong');
  const mayAsk = proofOf(allowed, true, 'eth_blockNumber by the same user');
  return [
    {
      ...head(
        'cbor',
        'malformed, huge and duplicate-key CBOR to a site socket',
        'root, whom the socket lets in',
      ),
      did: `sent ${cbor.length} messages, each over a connection of its own: ${cbor.map(({ what }) => what).join('; ')}`,
      ...verdictOf(cbor),
      control: quiet,
    },
    {
      ...head('impostor', 'a hello for an attested agent without its key', 'root, whom the socket lets in'),
      did: 'said hello to the daemon as a1 with a signature made up',
      ...verdictOf(impostor),
      control: quiet,
    },
    {
      ...head('rpc', "the ledger's RPC from an agent's user: anvil_* and the like", "an agent's user"),
      did: `asked for ${rpc.length} methods: ${rpc.map(({ what }) => what).join(', ')}`,
      ...verdictOf(rpc),
      control: mayAsk,
      withoutDefence: await bareNode(uid),
    },
    {
      ...head(
        'private-places',
        "the node's raw IPC, the sockets between daemons, memory of others",
        "an agent's user",
      ),
      did: `tried to open or connect to ${reach.length}: node.ipc, sockets of daemons and the doors of sites, up.json, /proc/PID/mem of another agent and of a guard`,
      ...verdictOf(reach),
      control: proofOf(
        await asUser(uid, 'reach', process.execPath),
        true,
        'a file that is for everybody, by the same user',
      ),
      withoutDefence: proofOf(
        await asUser(0, 'reach', privatePlaces(pipeline, other.pid).join(' ')),
        true,
        'the same as root',
      ),
    },
    {
      ...head('signals', 'signals from one agent to others', "an agent's user"),
      did: `asked the kernel whether it may signal ${signals.length} processes: another agent, guards, daemons, the ledger`,
      ...verdictOf(signals),
      control: proofOf(await asUser(uid, 'signal', String(agent.pid)), true, 'the agent of that very user'),
    },
  ];
}

/** They last; nothing else should be measured meanwhile. */
export async function crowdRows(pipeline: RunningPipeline): Promise<readonly Row[]> {
  return [await crowdAtTheDoor(pipeline), await crowdAtTheLedger(pipeline)];
}

/** The same where everybody may knock at the door. */
export async function crowdsWithoutDefence(
  pipeline: RunningPipeline,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const weak = await crowdAtTheDoor(pipeline);
  const did = `a copy of the product whose doors are open to every user: ${weak.outcome}, ${weak.what}`;
  return rows.map((row) =>
    row.id === weak.id
      ? { ...row, withoutDefence: { did, asExpected: weak.outcome === 'not defended yet' } }
      : row,
  );
}

/** While two pipelines run on the machine: what an agent's user of one may do to agents of the other. */
export async function sameUserRow(pipeline: RunningPipeline, other: RunningPipeline): Promise<Row> {
  const [mine, theirs] = await Promise.all([agentsOf(pipeline), agentsOf(other)]);
  const shared = theirs.filter(({ uid }) => mine.some((each) => each.uid === uid));
  const victim = mine[0];
  if (victim === undefined || theirs.length === 0) throw new Error('two pipelines are needed');
  const peeks = theirs.map(({ uid }) => tamper('peek', victim.pid, uid));
  const worked = peeks.filter(({ ok }) => ok).length;
  const harmed = shared.length > 0 || worked > 0;
  const own = tamper('peek', victim.pid, victim.uid);
  return {
    ...head(
      'same-user',
      'ptrace from the user of an agent of another pipeline',
      'an agent of another pipeline on the machine',
    ),
    did: `started a second pipeline on the machine; as each of the ${theirs.length} users of its agents attached to an agent of the first for a moment, to read registers and stack`,
    outcome: harmed ? 'undetected' : 'prevented',
    what: harmed
      ? `${shared.length} users are shared, ${worked} of ${peeks.length} attached: keys can be read`
      : `no user is shared; ${peeks[0]?.said ?? ''}`,
    control: {
      did: 'both pipelines had every agent attested while it was tried',
      asExpected: mine.length === theirs.length && mine.length > 0,
    },
    withoutDefence: {
      did: `with the same user, as pipelines shared them before: ${own.ok ? 'attached, and over before the next look of the guard' : own.said}`,
      asExpected: own.ok,
    },
  };
}

async function agentsOf(pipeline: RunningPipeline) {
  const { agents } = await pipeline.status();
  return agents.flatMap(({ pid, status }) =>
    pid === null || status !== 'attested' ? [] : [{ pid, uid: uidOf(pid) }],
  );
}

async function crowdAtTheDoor(pipeline: RunningPipeline): Promise<Row> {
  const socket = join(pipeline.sockets(), 'east.sock');
  const calm = await killedAndBack(pipeline, 'a3');
  const [tried] = await asUser(STRANGER, 'reach', socket);
  const refused = tried?.worked === true ? undefined : tried?.said;
  const before = linesWith('/proc/net/unix', (line) => line.endsWith(socket));
  const crowd = await asUserUntil(STRANGER, 'crowd', `${socket} 80`);
  await passes(1500);
  const there = linesWith('/proc/net/unix', (line) => line.endsWith(socket)) - before;
  const seen = pipeline.entries.length;
  const back = await killedAndBack(pipeline, 'a3');
  const gone = pipeline.entries
    .slice(seen)
    .filter(({ fault, subject }) => fault === 'agent-ended' && subject === 'a3');
  crowd.stop();
  return {
    ...head('crowd-at-the-door', 'silent connections to a site socket', 'any user of the machine'),
    expected: 'prevented',
    did: 'kept 80 connections to the socket of a site open without a word (64 may wait, for 60 s each), while an agent of the site was killed',
    outcome: back === undefined ? 'not defended yet' : 'prevented',
    what:
      back === undefined
        ? `the agent does not come back as long as they stay; it ended ${gone.length} times meanwhile, and after six times within a minute it stays down until the operator starts it`
        : `the agent came back; ${there} such connections were there${refused === undefined ? '' : `, each was refused: ${refused}`}`,
    control: {
      did: `the same agent, killed before the crowd came: ${calm === undefined ? 'it was not back' : 'it was back'} in the same time`,
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
    CROWD_HELD_MS,
    500,
  );
}

async function crowdAtTheLedger(pipeline: RunningPipeline): Promise<Row> {
  const { ledger } = await pipeline.status();
  const seen = pipeline.entries.length;
  const crowd = await asUserUntil(STRANGER, 'crowd', `${ledger.url} 700`);
  await passes(CROWD_HELD_MS);
  const port = Number(new URL(ledger.url).port).toString(16).toUpperCase().padStart(4, '0');
  const there = linesWith('/proc/net/tcp', (line) => line.includes(`:${port} `) && / 01 /.test(line)) / 2;
  const after = pipeline.entries
    .slice(seen)
    .filter(({ event }) => event === 'Suspended' || event === 'Revoked');
  const blocks = (await pipeline.status()).ledger.block - ledger.block;
  crowd.stop();
  const harmed = after.length > 0 || blocks < 10;
  return {
    ...head('crowd-at-the-ledger', "idle connections to the ledger's RPC", 'any user of the machine'),
    expected: 'prevented',
    did: `kept 700 connections open without a word (512 are taken) for ${CROWD_HELD_MS / 1000} s`,
    outcome: harmed ? 'not defended yet' : 'prevented',
    what: `${blocks} blocks were seen by the supervisor meanwhile, beside ${Math.round(there)} connections; ${after.length} agents were suspended or revoked`,
  };
}

function linesWith(table: string, which: (line: string) => boolean): number {
  return readFileSync(table, 'utf8').split('\n').filter(which).length;
}

function head(
  id: string,
  attack: string,
  attacker: string,
): Pick<Row, 'id' | 'attack' | 'attacker' | 'expected'> {
  return { id, attack, attacker, expected: 'prevented' };
}

function verdictOf(tries: readonly Try[]): Pick<Row, 'outcome' | 'what'> {
  const worked = tries.filter((each) => each.worked);
  if (tries.length === 0) return { outcome: 'not tried', what: 'there was nothing to try' };
  if (worked.length > 0)
    return { outcome: 'undetected', what: worked.map(({ what, said }) => `${what}: ${said}`).join('; ') };
  const answers = [...new Set(tries.map(({ said }) => said))];
  return { outcome: 'prevented', what: `all ${tries.length} in vain: ${answers.slice(0, 3).join('; ')}` };
}

function proofOf(tries: readonly Try[], works: boolean, did: string): Proof {
  const worked = tries.filter((each) => each.worked).length;
  return { did: `${did}: ${worked} of ${tries.length} worked`, asExpected: worked > 0 === works };
}

/** What only root may reach. */
function privatePlaces(pipeline: RunningPipeline, otherPid: number): readonly string[] {
  const hidden = join(pipeline.sockets(), 'private');
  const sockets = readdirSync(hidden).filter((name) => name.endsWith('.sock'));
  return [
    join(hidden, 'ledger/node/node.ipc'),
    ...['west', 'east', 'core'].map((site) => join(pipeline.sockets(), `${site}.sock`)),
    ...sockets.map((name) => join(hidden, name)),
    join(pipeline.home, 'up.json'),
    `/proc/${otherPid}/mem`,
  ];
}

/** A node of the same kind without the product around it. */
async function bareNode(uid: number): Promise<Proof> {
  const bare = await startBareAnvil();
  return proofOf(
    await asUser(uid, 'rpc', bare.url),
    true,
    'a bare anvil on loopback, same user, same methods',
  );
}

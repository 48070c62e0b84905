import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Try } from '../programs/outsider-tasks.ts';
import type { Proof, Row } from '../row.ts';
import { asUser } from '../support/outsider.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { tamper } from '../support/tamper.ts';
import { startBareAnvil } from './reorganisation.ts';
import { uidOf } from './start-environment.ts';

/** The door of a site is for root's guards alone, so that what lies behind it is tried by root too. */
const ROOT = 0;

/** What a user of the machine can do who is nobody, or who is an agent's user, with nothing from root. */
export async function outsideRows(pipeline: RunningPipeline): Promise<readonly Row[]> {
  const status = await pipeline.status();
  const socket = join(pipeline.sockets(), 'west.sock');
  const { url } = status.ledger;
  const agent = await pipeline.agent('a1');
  const other = await pipeline.agent('a3');
  // Not the one that a message with a key twice names: either would end the other's connection.
  const impersonated = await pipeline.agent('a2');
  const uid = uidOf(agent.pid);
  const ownSocket = asUser(ROOT, 'quiet', socket);
  const [cbor, impostor, rpc, allowed, reach, signals] = await Promise.all([
    asUser(ROOT, 'cbor', socket),
    asUser(ROOT, 'impostor', `${socket} a2 ${impersonated.incarnation}`),
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
      did: 'said hello to the daemon as a2 with a signature made up',
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

/** Messages of these kinds have to get through where nobody checks them. */
const EACH_KIND = ['random bytes', 'a length of 4 GB', 'a key twice'];

/** The same where nothing is checked at the door, and where agents share a user. */
export async function outsideWithoutDefence(
  pipeline: RunningPipeline,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const socket = join(pipeline.sockets(), 'west.sock');
  const [agent, impersonated, other] = await Promise.all(
    ['a1', 'a2', 'a3'].map((name) => pipeline.agent(name)),
  );
  if (agent === undefined || impersonated === undefined || other === undefined) return rows;
  const signals = await asUser(uidOf(agent.pid), 'signal', String(other.pid));
  const impostor = await asUser(ROOT, 'impostor', `${socket} a2 ${impersonated.incarnation}`);
  const cbor = await asUser(ROOT, 'cbor', socket);
  const through = (kind: string): boolean => cbor.some(({ what, worked }) => what === kind && worked);
  const shown: Readonly<Record<string, Proof>> = {
    cbor: {
      did: `a copy of the product that decodes whatever comes, of any length: ${cbor.filter(({ worked }) => worked).length} of ${cbor.length} were taken, malformed, huge and with a key twice among them`,
      asExpected: EACH_KIND.every(through),
    },
    impostor: proofOf(impostor, true, 'a copy of the product that does not look at the signature'),
    signals: proofOf(signals, true, 'a copy of the product whose agents share a user'),
  };
  return rows.map((row) => {
    const withoutDefence = shown[row.id];
    return withoutDefence === undefined ? row : { ...row, withoutDefence };
  });
}

/** While two pipelines run on the machine: what an agent's user of one may do to agents of the other. */
export async function sameUserRow(pipeline: RunningPipeline, other: RunningPipeline): Promise<Row> {
  const [mine, theirs] = await Promise.all([agentsOf(pipeline), agentsOf(other)]);
  const shared = theirs.filter(({ uid }) => mine.some((each) => each.uid === uid));
  const victim = mine[0];
  if (victim === undefined || theirs.length === 0) throw new Error('two pipelines are needed');
  const users = [...new Set(theirs.map(({ uid }) => uid))];
  const peeks = users.map((uid) => tamper('peek', victim.pid, uid));
  const worked = peeks.filter(({ ok }) => ok).length;
  const harmed = shared.length > 0 || worked > 0;
  const own = tamper('peek', victim.pid, victim.uid);
  return {
    ...head(
      'same-user',
      'ptrace from the user of an agent of another pipeline',
      'an agent of another pipeline on the machine',
    ),
    did: `started a second pipeline on the machine; as each of the users of its agents (${users.length}) attached to an agent of the first for a moment, to read registers and stack`,
    outcome: harmed ? 'undetected' : 'prevented',
    what: harmed
      ? `${shared.length} users are shared, ${worked} of ${peeks.length} attached: keys can be read`
      : `no user is shared; ${peeks[0]?.said ?? ''}`,
    control: {
      did: `both pipelines ran while it was tried: ${mine.length} and ${theirs.length} agents were attested`,
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

import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { encode } from 'cborg';
import { framedBytes, knock, withLength } from '../support/site-socket.ts';
import { passes } from '../support/wait.ts';
import { steal } from './thief-task.ts';

/** What was tried, and whether the attacker got anywhere. */
export interface Try {
  readonly what: string;
  readonly worked: boolean;
  readonly said: string;
}

type Task = (parameter: string) => Promise<readonly Try[]>;

const HELD_MS = 400;

/** Bodies that no agent sends. Each has to cost the connection. */
function badBodies(): readonly (readonly [string, Uint8Array])[] {
  // Of an agent that is not there: where its form is not looked at, its daemon waits for it to be attested.
  const hello = { kind: 'hello', agent: 'a99', incarnation: 1, signature: new Uint8Array(64) };
  const plain = encode(hello);
  const key = encode('kind');
  const twice = Buffer.concat([Buffer.from([0xa5]), plain.subarray(1), key, encode('hello')]);
  return [
    ['random bytes', withLength(Buffer.from('ffeeddccbbaa99', 'hex'))],
    ['a length of 4 GB', withLength(Buffer.alloc(8), 0xffffffff)],
    ['a length just over the limit', withLength(Buffer.alloc(8), 1_048_577)],
    ['a length of 0', withLength(Buffer.alloc(0))],
    ['a key twice', withLength(twice)],
    ['a map of indefinite length', withLength(Buffer.from('bf616101ff', 'hex'))],
    ['a number in a longer form than needed', withLength(Buffer.from('a16161190001', 'hex'))],
    ['keys out of order', withLength(Buffer.from('a2616201616101', 'hex'))],
    [
      '500 000 arrays in one another',
      withLength(Buffer.concat([Buffer.alloc(500_000, 0x81), Buffer.from([0])])),
    ],
    ['a string that claims 4 GB', withLength(Buffer.from('7affffffff61', 'hex'))],
    ['a message of a kind that is none', framedBytes({ kind: 'admin' })],
    ['a hello with a field too many', framedBytes({ ...hello, admin: true })],
  ];
}

export const TASKS: Readonly<Record<string, Task>> = {
  /** Parameter: a site's socket. */
  cbor: async (path) =>
    Promise.all(
      badBodies().map(async ([what, bytes]) => {
        const door = await knock(path);
        door.send(bytes);
        await passes(HELD_MS);
        const worked = door.isOpen();
        door.close();
        return { what, worked, said: worked ? 'the connection stays open' : 'cut off' };
      }),
    ),
  /** The control: who says nothing wrong stays connected. */
  quiet: async (path) => {
    const door = await knock(path);
    await passes(HELD_MS);
    const worked = door.isOpen() && door.said().length > 32;
    door.close();
    return [
      { what: 'a connection that says nothing', worked, said: worked ? 'open, with a nonce' : 'closed' },
    ];
  },
  /** Parameter: socket, agent and incarnation, separated by spaces. Says hello for an agent without its key. */
  impostor: async (parameter) => {
    const [path = '', agent = '', incarnation = '1'] = parameter.split(' ');
    const door = await knock(path);
    door.send(
      framedBytes({
        kind: 'hello',
        agent,
        incarnation: Number(incarnation),
        signature: new Uint8Array(64).fill(7),
      }),
    );
    await passes(HELD_MS);
    const said = door.said().toString('latin1');
    const worked = said.includes('welcome');
    door.close();
    return [
      {
        what: `hello as ${agent}`,
        worked,
        said: worked
          ? 'welcome'
          : (/refused[\s\S]*/.exec(said)?.[0] ?? 'cut off').replace(/[^ -~]/g, ' ').trim(),
      },
    ];
  },
  /** Parameter: the RPC's URL. */
  rpc: async (url) => {
    const methods: readonly (readonly [string, readonly unknown[]])[] = [
      ['anvil_setStorageAt', [`0x${'1'.repeat(40)}`, '0x0', `0x${'1'.repeat(64)}`]],
      ['anvil_setCode', [`0x${'1'.repeat(40)}`, '0x00']],
      ['anvil_setBalance', [`0x${'1'.repeat(40)}`, '0x1']],
      ['anvil_impersonateAccount', [`0x${'1'.repeat(40)}`]],
      ['anvil_reorg', [3, []]],
      ['anvil_rollback', [1]],
      ['anvil_mine', ['0x1']],
      ['anvil_dumpState', []],
      ['anvil_loadState', ['0x']],
      ['anvil_reset', []],
      ['anvil_dropAllTransactions', []],
      ['hardhat_setStorageAt', [`0x${'1'.repeat(40)}`, '0x0', `0x${'1'.repeat(64)}`]],
      ['evm_mine', []],
      ['evm_revert', ['0x0']],
      ['evm_setNextBlockTimestamp', [9_999_999_999]],
      ['evm_increaseTime', [3600]],
      ['eth_sendTransaction', [{ from: `0x${'1'.repeat(40)}`, to: `0x${'2'.repeat(40)}` }]],
      ['eth_sendUnsignedTransaction', [{ from: `0x${'1'.repeat(40)}` }]],
      ['eth_accounts', []],
      ['eth_sign', [`0x${'1'.repeat(40)}`, '0x00']],
      ['debug_traceTransaction', [`0x${'1'.repeat(64)}`]],
      ['txpool_content', []],
      ['__proto__', []],
      ['constructor', []],
    ];
    return Promise.all(methods.map(([method, params]) => ask(url, method, params)));
  },
  /** The control: what anybody may ask. */
  'rpc-allowed': async (url) => [await ask(url, 'eth_blockNumber', [])],
  /** Parameter: paths, separated by spaces; to open for reading or to connect to. */
  reach: async (paths) =>
    Promise.all(
      paths.split(' ').map(async (path) => {
        const said = path.endsWith('.sock') || path.endsWith('.ipc') ? await connected(path) : readable(path);
        return { what: path, worked: said === 'open', said };
      }),
    ),
  /** Parameter: pids, separated by spaces. */
  signal: (pids) =>
    Promise.resolve(
      pids.split(' ').map((pid) => {
        try {
          process.kill(Number(pid), 0);
          return { what: `signals to ${pid}`, worked: true, said: 'allowed' };
        } catch (error) {
          return { what: `signals to ${pid}`, worked: false, said: codeOf(error) };
        }
      }),
    ),
  /** Parameter: whose key, as JSON. */
  thief: steal,
  /** Parameter: socket and number of connections; holds them until our input ends. */
  crowd: async (parameter) => {
    const [where = '', count = '0'] = parameter.split(' ');
    const port = /:(\d+)$/.exec(where)?.[1];
    const keepOpen = (): void => {
      const socket = port === undefined ? connect(where) : connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      // One that is turned away knocks again.
      socket.on('close', () => setTimeout(keepOpen, 20));
    };
    for (let i = 0; i < Number(count); i++) keepOpen();
    process.stdout.write('crowded\n');
    process.stdin.resume();
    await new Promise<void>((resolve) => process.stdin.once('end', () => resolve()));
    return [];
  },
};

async function ask(url: string, method: string, params: readonly unknown[]): Promise<Try> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const said = (await response.text()).slice(0, 160);
  return { what: method, worked: response.ok && !said.includes('"error"'), said };
}

function connected(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('open');
    });
    socket.once('error', (error) => resolve(codeOf(error)));
  });
}

function readable(path: string): string {
  try {
    closeSync(openSync(path, 'r'));
    return 'open';
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

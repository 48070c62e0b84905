import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Store } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { agentId, type Ipv4, ipv4, linkId } from '../../protocol/ids.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { TokenRole } from '../../protocol/token-record.ts';
import { backedUpStores } from '../../runtime/backup/backed-up-stores.ts';
import { writeBackup } from '../../runtime/backup/write-backup.ts';
import { smallScenario } from '../../runtime/report/testing/small-recording.ts';
import { type ServiceBench, serviceBench } from '../../runtime/services/testing/service-bench.ts';
import { functionVnfd, PRIMITIVES, SCALES, shopNsd } from '../../runtime/services/testing/shop-packages.ts';
import { createToken } from '../../runtime/tokens/tokens.ts';
import { type ApiOptions, createApi } from '../create-api.ts';
import type { Supervised } from '../own/status-routes.ts';
import { NO_UPGRADE } from './no-upgrade.ts';

export const UP_TOKEN = 'the-token-of-up';

/** Two functions behind one another: `wall`, and `web`, which scales by load and can be painted. */
export const WALL = functionVnfd('wall');
export const WEB = functionVnfd('web', { flavour: `${SCALES}${PRIMITIVES}` });
export const SHOP = shopNsd('wall', 'web');
/** What WEB has to be told on its first day. */
export const WHOM = { vnfProfileId: 'web', additionalParams: { whom: 'world' } };

export interface ApiBench {
  readonly api: FastifyInstance;
  readonly bench: ServiceBench;
  readonly tokens: Store;
  readonly records: Store;
  /** Requests as the journal has them. */
  readonly requests: Parameters<Supervised['recordRequest']>[0][];
  /** What was asked for of agents. */
  readonly changes: readonly string[];
  readonly trouble: unknown[];
  /** Method and path, as OpenAPI writes it, of all endpoints that the router knows. */
  readonly routes: readonly string[];
  token(name: string, role: TokenRole, expiresAtMs?: number | null): Promise<string>;
  /** Asks as the operator; `body` as JSON. */
  ask(
    method: NonNullable<InjectOptions['method']>,
    url: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Asked>;
  send(
    method: 'PUT' | 'POST',
    url: string,
    bytes: string | Uint8Array,
    type: string,
    headers?: Record<string, string>,
  ): Promise<Asked>;
  /** Lets time pass until the operation at this path is over; answers its state. */
  settled(location: string | undefined): Promise<string>;
  close(): Promise<void>;
}

export interface Asked {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Of JSON. */
  readonly body: unknown;
}

export interface ApiBenchOptions {
  readonly api?: Partial<Pick<ApiOptions, 'ask' | 'pageSize' | 'whatIfs'>>;
  readonly site?: SiteConfig;
  /** Absent: north and south. */
  readonly sites?: readonly string[];
  readonly without?: 'services';
  /** What the supervisor answers otherwise than usual. */
  readonly supervised?: Partial<Supervised>;
  /** What primitives answer. */
  readonly output?: string;
  /** Pages for a browser, and who may see them. */
  console?(tokens: Store, nowMs: () => number): NonNullable<ApiOptions['console']>;
  /** Services that are there already. */
  readonly bench?: ServiceBench;
}

/** The API over services of the twin on a virtual clock. Every answer is compared with what its endpoint says of it. */
export async function apiBench(options: ApiBenchOptions = {}): Promise<ApiBench> {
  const exec = () => ({ exitCode: 0, stdout: options.output ?? '', stderr: '' });
  const bench = options.bench ?? (await serviceBench({ exec }));
  // Their keys have beginnings of their own.
  const [tokens, records] = [bench.store, bench.store];
  const requests: ApiBench['requests'] = [];
  const changes: string[] = [];
  const trouble: unknown[] = [];
  const northbound = {
    services: bench.manager,
    packages: bench.packages,
    records,
    site: options.site ?? { images: {}, webhooks: { allowHosts: [] } },
    infrastructure: () => bench.twin,
    sites: () => options.sites ?? ['north', 'south'],
    nowMs: () => bench.clock.nowMs(),
    backup: async function* () {
      const stores = { services: bench.store, packages: bench.packages, tokens: undefined };
      yield* writeBackup(await backedUpStores(stores), { madeAtMs: bench.clock.nowMs(), version: '0.1.0' });
    },
  };
  const api = createApi({
    supervisor: { ...supervisedTwin((request) => requests.push(request), changes), ...options.supervised },
    token: UP_TOKEN,
    tokens,
    ...(options.without === 'services' ? {} : { northbound }),
    ...(options.console === undefined ? {} : { console: options.console(tokens, () => bench.clock.nowMs()) }),
    checkAnswers: true,
    onStop: () => {},
    onTrouble: (error) => trouble.push(error),
    ...options.api,
  });
  const routes: string[] = [];
  // Before the endpoints: those are registered when the API gets ready.
  api.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      if (each !== 'HEAD') routes.push(`${each} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    }
  });
  await api.ready();
  const inject = async (request: InjectOptions): Promise<Asked> => {
    const answer = await api.inject({
      ...request,
      headers: { authorization: `Bearer ${UP_TOKEN}`, ...request.headers },
    });
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
    );
    const type = headers['content-type'] ?? '';
    const body: unknown = type.includes('json') ? answer.json() : undefined;
    return { status: answer.statusCode, type, headers, text: answer.payload, body };
  };
  return {
    api,
    bench,
    tokens,
    records,
    requests,
    changes,
    trouble,
    routes,
    token: (name, role, expiresAtMs = null) =>
      createToken(tokens, { name, role, createdAtMs: bench.clock.nowMs(), expiresAtMs }),
    ask: (method, url, body, headers = {}) =>
      inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) }),
    send: (method, url, bytes, type, headers = {}) =>
      inject({
        method,
        url,
        payload: typeof bytes === 'string' ? bytes : Buffer.from(bytes),
        headers: { ...(type === '' ? {} : { 'content-type': type }), ...headers },
      }),
    settled: async (location = '') => {
      const id = decodeURIComponent(location.slice(location.lastIndexOf('/') + 1));
      const state = async () => (await bench.manager.operation(id)).state;
      await bench.until(async () => !['PROCESSING', 'ROLLING_BACK'].includes(await state()));
      return state();
    },
    close: async () => {
      await api.close();
      await bench.close();
    },
  };
}

function supervisedTwin(recordRequest: Supervised['recordRequest'], changes: string[]): Supervised {
  const blocked = new Map<Ipv4, string>();
  return {
    status: () => ({
      scenario: 'demo',
      plane: 'twin',
      ready: true,
      upForS: 1,
      ledger: null,
      epoch: 0,
      setVersion: 0,
      rootOfTrust: 'the registry',
      processes: {},
      agents: [],
      services: null,
      alarms: [],
      alarmCauses: [],
      journal: {
        life: 'one',
        entries: 0,
        firstSeq: 1,
        dropped: 0,
        sinceMs: null,
        mostEntries: 10,
        mostAgeMs: 1000,
      },
    }),
    record: () => undefined,
    appraisal: () => undefined,
    entriesAfter: () => [],
    listen: () => () => {},
    change: async ({ kind, name, ...rest }) => {
      changes.push(`${kind} ${name}${'reason' in rest ? `: ${rest.reason}` : ''}`);
    },
    network: () => ({ scenario: smallScenario(), substrate: null, addresses: {} }),
    counters: async () => ({ tMs: 0, links: [], units: [] }),
    group: () => ({
      name: 'demo',
      verifiersPerRound: 1,
      imageSha256: null,
      room: 32,
      hosts: [],
      agents: [],
      order: [],
    }),
    orderRounds: async () => {},
    upgrade: () => NO_UPGRADE,
    planUpgrade: () => NO_UPGRADE,
    upgradeTo: async () => NO_UPGRADE,
    startAgent: () => false,
    block: async ({ source, seconds, reason }, by) => {
      blocked.set(source, `${by}: ${reason}, ${seconds} s`);
      return [linkId('s2', 'srv')];
    },
    unblock: async (source, by) => {
      if (!blocked.delete(source))
        throw new MusterError('NOT_FOUND', `no operator has blocked ${source}`, {
          hint: `${by}: look again`,
        });
    },
    blocks: async () =>
      [...blocked.keys()].map((source) => ({
        source: ipv4(source),
        link: linkId('s2', 'srv'),
        owner: agentId('operator'),
        endsInSeconds: 60,
      })),
    recordRequest,
  };
}

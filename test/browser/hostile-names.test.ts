import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, openPage, startBrowser } from './support/browser.ts';

const bin = fileURLToPath(new URL('../../bin/muster', import.meta.url));
/** Markup, an end of a script, a link that runs, and a sign that turns round what comes after it. */
const HOSTILE = `<img src=x onerror="globalThis.ran=1"></script><script>globalThis.ran=2</script><a href="javascript:globalThis.ran=3">x</a>\u202egnp.exe`;
const inJson = JSON.stringify(HOSTILE).slice(1, -1);

describe.skipIf(CHROMIUM === undefined)('names with markup in them', () => {
  const dir = mkdtempSync(join(tmpdir(), 'muster-hostile-'));
  const options = { cwd: dir, env: { ...process.env, MUSTER_HOME: join(dir, '.muster') } };
  let browser: Browser;
  let serving: ChildProcess;
  let page: Page;
  let trouble: readonly string[];
  let origin = '';
  beforeAll(async () => {
    await promisify(execFile)(bin, ['scenario', 'run', 'demo', '--plane', 'twin'], options);
    recordHostile(join(dir, 'runs', 'demo-twin-1'), join(dir, 'runs', 'hostile'));
    serving = spawn(bin, ['console', '--run', 'runs/hostile', '--port', '0'], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (serving.stdout === null) throw new Error('it says nothing');
    const [[address]] = await Promise.all([
      once(createInterface({ input: serving.stdout }), 'line') as Promise<[string]>,
      startBrowser().then((started) => {
        browser = started;
      }),
    ]);
    ({ origin } = new URL(address));
    ({ page, trouble } = await openPage(browser, origin));
    await page.addInitScript(
      `globalThis.refused = []; addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective + ' ' + event.blockedURI));`,
    );
    await page.goto(address);
    await page.getByText('■ recorded').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    serving?.kill('SIGINT');
    if (serving?.exitCode === null) await once(serving, 'exit');
    rmSync(dir, { recursive: true, force: true });
  });

  /** What came of it in the page: all of it has to be nothing. */
  const harm = () =>
    page.evaluate(`({
      ran: globalThis.ran ?? 0,
      refused: globalThis.refused,
      markup: document.querySelectorAll('#root img, #root script, #root iframe').length,
      links: [...document.querySelectorAll('a[href]')].filter((each) => each.protocol === 'javascript:').length,
    })`);
  const NO_HARM = { ran: 0, refused: [], markup: 0, links: 0 };
  const look = async (path: string) => {
    await page.goto(`${origin}/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('<img src=x onerror=').first().waitFor({ state: 'attached' });
    expect([path, await harm()]).toEqual([path, NO_HARM]);
  };

  test('of agents, goals, messages and scenarios are text in every view of a run', async () => {
    const of = 'source=hostile';
    for (const path of [
      '/',
      '/topology',
      '/placement',
      '/auctions',
      '/agents',
      '/journal',
      '/ledger',
      '/keys',
    ])
      await look(`${path}?${of}`);
    await look(`/attestation?${of}`);
    await look(`/attestation/${encodeURIComponent(HOSTILE)}?${of}`);
    await look(`/agents/${encodeURIComponent(HOSTILE)}?${of}`);
    await look(`/auctions/${encodeURIComponent(`${HOSTILE}.5`)}?${of}`);
    await look(`/journal?kind=message&${of}`);
    const id = blockedBy(join(dir, 'runs', 'hostile'));
    await look(`/why/${encodeURIComponent(id)}?${of}`);
    // What leads from one to the other says the same thing.
    await page.goto(`${origin}/console/agents?${of}`);
    await page.getByRole('link', { name: '<img src=x' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Agent <img src=x' }).waitFor();
    expect(await harm()).toEqual(NO_HARM);
  });

  test('of packages, services and alarms are text too, should the API let them through', async () => {
    const answers: Readonly<Record<string, unknown>> = {
      '/v1/status': statusWith(HOSTILE),
      '/v1/services': [SERVICE],
      '/v1/operations': [],
      [`/v1/services/${encodeURIComponent(HOSTILE)}`]: SERVICE,
      '/v1/scenarios': [{ name: HOSTILE, title: HOSTILE, durationMs: 1, users: 1, attackers: 1 }],
      '/v1/runs': [
        {
          ...{ id: HOSTILE, scenario: HOSTILE, plane: 'twin', seed: 1, defence: 'on', state: 'done' },
          ...{ atMs: 0, expectations: null, note: HOSTILE },
        },
      ],
      '/v1/what-ifs': [WHAT_IF],
      [`/v1/what-ifs/${encodeURIComponent(HOSTILE)}`]: WHAT_IF,
      '/nsd/v1/ns_descriptors': [
        { id: HOSTILE, nsdId: HOSTILE, nsdName: HOSTILE, nsdOnboardingState: HOSTILE, nsdUsageState: 'x' },
      ],
      '/vnfpkgm/v1/vnf_packages': [
        {
          ...{ id: HOSTILE, vnfdId: HOSTILE, vnfProductName: HOSTILE, vnfdVersion: HOSTILE },
          ...{ onboardingState: HOSTILE, usageState: 'x', usedBy: [HOSTILE] },
        },
      ],
    };
    for (const [path, json] of Object.entries(answers))
      await page.route(
        (url) => url.pathname === path,
        (route) => route.fulfill({ json }),
      );
    const one = encodeURIComponent(HOSTILE);
    for (const path of ['/', '/agents', '/packages', '/services', `/services/${one}`]) await look(path);
    for (const path of ['/scenarios', '/what-if', `/what-if/${one}`]) await look(path);
    await page.unrouteAll();
  });

  test('nothing went wrong in the page meanwhile', () => {
    expect(trouble.filter((each) => !/40[14]|503/.test(each))).toEqual([]);
  });
});

const SERVICE = {
  ...{ format: 1, id: HOSTILE, revision: 1, name: HOSTILE, description: HOSTILE, nsdId: HOSTILE },
  ...{ flavour: HOSTILE, state: 'INSTANTIATED', wanted: { name: HOSTILE }, onPartition: 'move' },
  ...{ partitionGraceMs: 1, packages: {}, held: [], nextIndex: {}, operation: null, notes: [HOSTILE] },
  shape: { vnfs: [], units: [], chains: [], links: [] },
  marks: { scaledAtMs: {}, healedAtMs: {}, migratedAtMs: [] },
  ...{ createdAtMs: 0, updatedAtMs: 0 },
};

const WHAT_IF = {
  ...{ id: HOSTILE, state: 'failed', atMs: 0, by: HOSTILE, progress: 1, note: HOSTILE, result: null },
  order: { change: { kind: 'lose-site', site: HOSTILE }, seconds: 10, seed: 1 },
};

/** What a ledger would have said of that agent. */
const LEDGER: readonly (readonly [string, string])[] = [
  ['AgentAdmitted', 'a2 was admitted to the pipeline, behind the guard of core.'],
  ['AgentRegistered', 'Incarnation 1 of a2 was registered: version 1, image 0xd87e31a0…, 32 challenges.'],
  ['RoundOpened', 'Round 2: a2 was challenged (challenge 0); the registry verifies.'],
  ['Committed', 'Round 2: a2 committed to its evidence, with a fresh key for the group.'],
  ['RoundPassed', 'Round 2: a2 is attested until 2026-11-22T18:29:06Z, by the registry.'],
  ['RootOfTrustMoved', 'a2 is the root of trust now.'],
  ['EpochOpened', 'a2 opened epoch 1 of the group key, for version 1 of the attested set.'],
  ['Envelope', 'Epoch 1: its key was sealed to a2.'],
  ['Acknowledged', 'Epoch 1: a2 has its key.'],
];

/** The demo's recording with an agent, and all that it takes part in, by that name. */
function recordHostile(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  const renamed = (text: string) => text.replaceAll(/\ba2\b/g, () => inJson);
  const journal = join(to, 'journal.jsonl');
  const text = readFileSync(journal, 'utf8');
  const { tMs } = JSON.parse(text.trim().split('\n').at(-1) ?? '') as { readonly tMs: number };
  const onLedger = LEDGER.map(([event, reason], at) =>
    JSON.stringify({
      ...{ kind: 'ledger', because: [], event, subject: 'a2', block: at + 1, reason },
      ...{ id: `muster:${900_001 + at}`, agent: 'muster', tMs },
    }),
  );
  writeFileSync(journal, renamed(`${text}${onLedger.join('\n')}\n`));
  const scenario = join(to, 'scenario.json');
  const told = JSON.parse(readFileSync(scenario, 'utf8')) as Record<string, unknown>;
  writeFileSync(scenario, JSON.stringify({ ...told, title: HOSTILE }));
  const report = join(to, 'report.json');
  const said = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>;
  writeFileSync(report, JSON.stringify({ ...said, recorded: null }));
}

/** An entry of that agent's own. */
function blockedBy(run: string): string {
  const lines = readFileSync(join(run, 'journal.jsonl'), 'utf8').trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { readonly id: string; readonly agent: string });
  return entries.findLast(({ agent }) => agent === HOSTILE)?.id ?? '';
}

function statusWith(name: string) {
  return {
    ...{ scenario: name, plane: 'twin', ready: true, upForS: 1, ledger: null, epoch: 1, setVersion: 1 },
    ...{ rootOfTrust: name, processes: { [name]: 1 }, services: null, alarms: [name] },
    alarmCauses: [{ text: name, about: [{ kind: 'agent', id: name }] }],
    agents: [
      {
        ...{ name, site: name, host: name, status: name, incarnation: 1, pid: 1, validUntil: 0 },
        ...{
          keyed: false,
          roles: [name],
          sent: 0,
          received: 0,
          refusedFrames: 0,
          vitals: null,
          reason: name,
        },
      },
    ],
    journal: {
      ...{ life: 'x', entries: 0, firstSeq: 1, dropped: 0, sinceMs: null, mostEntries: 1, mostAgeMs: 1 },
    },
  };
}

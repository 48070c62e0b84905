import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { RunningUp } from './up.ts';
import { startUp } from './up.ts';

const catalogue = (name: string) => fileURLToPath(new URL(`../../../catalogue/${name}`, import.meta.url));
const VIDEO = ['client', 'link-monitor', 'anomaly-detector', 'classifier', 'video-streamer'];

/** What is up with a service that runs, and a recorded run of an attack: every view has something to show. */
export async function startStage(): Promise<RunningUp> {
  const up = await startUp('demo', '--plane', 'twin', '--sites', '4');
  await up.muster(
    'service',
    'apply',
    catalogue('watched-video_ns'),
    ...VIDEO.map((name) => catalogue(`${name}_vnf`)),
    '--wait',
  );
  await up.muster('scenario', 'run', 'demo', '--plane', 'twin');
  await up.muster('what-if', 'lose-site', 'site1', '--for', '10');
  return up;
}

export interface StageView {
  readonly name: string;
  /** Below `/console`. */
  readonly path: string;
  /** Resolves once there is what one goes there for. */
  ready(page: Page): Promise<unknown>;
}

const RUN = 'source=demo-twin-1';
const row = (page: Page) => page.getByRole('table').first().getByRole('row').nth(1).waitFor();
const heading = (name: string | RegExp) => (page: Page) =>
  page.getByRole('heading', { name }).first().waitFor();

/** Where in the recorded run there is something to see: an auction, an action, and the position of that action. */
export interface Spots {
  readonly auction: string;
  readonly action: string;
  readonly at: number;
}

/** All views, those of one thing as well. */
export function viewsOf({ auction, action, at }: Spots): readonly StageView[] {
  const isRead = (page: Page) => page.getByText('■ recorded').waitFor();
  return [
    { name: 'overview', path: '/', ready: (page) => page.getByText('✓ All is well').waitFor() },
    {
      name: 'attack-timeline',
      path: `/?${RUN}`,
      ready: async (page) => {
        await page.getByRole('img', { name: /Bytes per second/ }).waitFor();
        await row(page);
      },
    },
    {
      name: 'topology',
      path: '/topology?service=watched-video',
      ready: (page) => page.locator('.react-flow__node').first().waitFor(),
    },
    {
      name: 'topology-site',
      path: '/topology?site=site1&service=watched-video',
      ready: (page) => page.locator('.map-host, .map-site').first().waitFor(),
    },
    { name: 'placement', path: '/placement', ready: row },
    { name: 'what-if', path: '/what-if', ready: row },
    {
      name: 'what-if-result',
      path: '/what-if/what-if-1',
      ready: (page) => page.getByRole('img', { name: /with the change and without/ }).waitFor(),
    },
    { name: 'services', path: '/services', ready: row },
    {
      name: 'service',
      path: '/services/watched-video',
      ready: (page) => page.getByText(/\d of \d units run/).waitFor(),
    },
    { name: 'packages', path: '/packages', ready: row },
    {
      name: 'auctions',
      path: `/auctions?${RUN}`,
      ready: async (page) => {
        await isRead(page);
        await row(page);
      },
    },
    {
      name: 'auction',
      path: `/auctions/${encodeURIComponent(auction)}?${RUN}`,
      ready: (page) => page.getByRole('cell', { name: '✓ won' }).waitFor(),
    },
    { name: 'agents', path: '/agents', ready: row },
    {
      name: 'mind',
      path: `/agents/a2?${RUN}&at=${at}`,
      ready: async (page) => {
        await isRead(page);
        await row(page);
      },
    },
    {
      name: 'attestation',
      path: '/attestation',
      ready: (page) => page.locator('.ring .attested').first().waitFor(),
    },
    { name: 'attestation-agent', path: '/attestation/a2', ready: row },
    { name: 'ledger', path: '/ledger', ready: row },
    { name: 'keys', path: '/keys', ready: (page) => page.locator('.key-axis .span').first().waitFor() },
    {
      name: 'journal',
      path: `/journal?${RUN}&find=block-source`,
      ready: async (page) => {
        await isRead(page);
        await row(page);
      },
    },
    { name: 'why', path: `/why/${encodeURIComponent(action)}?${RUN}`, ready: heading('Why') },
    { name: 'scenarios', path: '/scenarios', ready: row },
    { name: 'tour', path: `/?${RUN}&tour=0`, ready: (page) => page.getByText('Step 1 of 9').waitFor() },
  ];
}

import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ownNamespaces } from '../../src/adapters/plane-linux/namespaces.ts';
import { runIn, runTool } from '../../src/adapters/plane-linux/run-tool.ts';
import type { VxlanSite } from '../../src/adapters/site-vxlan/site-addresses.ts';
import type { SiteVxlan } from '../../src/adapters/site-vxlan/site-vxlan.ts';
import { createSiteVxlan, INNER_MTU, TUNNEL, UPLINK } from '../../src/adapters/site-vxlan/site-vxlan.ts';

const LinksSchema = z.array(
  z.looseObject({
    ifname: z.string(),
    mtu: z.number(),
    stats64: z.looseObject({ rx: z.looseObject({ packets: z.number() }) }),
  }),
);

const built: SiteVxlan[] = [];
afterEach(async () => {
  for (const each of built.splice(0)) await each.close();
});

async function build(...sites: readonly string[]): Promise<SiteVxlan> {
  const vxlan = await createSiteVxlan(sites);
  built.push(vxlan);
  return vxlan;
}

async function linksOf(namespace: string): Promise<z.infer<typeof LinksSchema>> {
  return LinksSchema.parse(JSON.parse(await runTool(['ip', '-n', namespace, '-j', '-s', 'link'])));
}

async function takenIn(site: VxlanSite): Promise<number> {
  const tunnel = (await linksOf(site.namespace)).find((each) => each.ifname === TUNNEL);
  return tunnel?.stats64.rx.packets ?? 0;
}

function siteOf(vxlan: SiteVxlan, name: string): VxlanSite {
  const found = vxlan.sites().find((each) => each.site === name);
  if (found === undefined) throw new Error(`${name} has not joined`);
  return found;
}

const ping = (from: VxlanSite, to: VxlanSite, times: number): Promise<string> =>
  runIn(from.namespace, [
    'hping3',
    '--icmp',
    '-q',
    '-n',
    '-i',
    'u1000',
    '-c',
    String(times),
    to.addresses.inner,
  ]);

test('each site has the way to the others and no other, with an MTU that is proven; nothing is left of it', async () => {
  const vxlan = await build('west', 'east', 'core');
  await vxlan.prove();
  for (const { namespace } of vxlan.sites()) {
    const links = new Map((await linksOf(namespace)).map((each) => [each.ifname, each.mtu]));
    expect([...links.keys()].sort()).toEqual([UPLINK, 'lo', TUNNEL].sort());
    expect([links.get(UPLINK), links.get(TUNNEL)]).toEqual([1500, INNER_MTU]);
    const routes = await runTool(['ip', '-n', namespace, 'route']);
    expect(routes).not.toMatch(/via|default/);
  }
  await vxlan.close();
  expect(ownNamespaces()).toEqual([]);
});

test('a link that carries less than it should is found', async () => {
  const vxlan = await build('west', 'east', 'core');
  const { port, namespace } = siteOf(vxlan, 'east');
  await runTool(['ip', '-n', vxlan.underlay, 'link', 'set', port, 'mtu', '1499']);
  await expect(vxlan.prove()).rejects.toMatchObject({ code: 'PLANE_FAILED' });
  await runTool(['ip', '-n', vxlan.underlay, 'link', 'set', port, 'mtu', '1500']);
  await vxlan.prove();
  // Both ends of it too short, so that whoever sends would have to cut the packet up.
  await runTool(['ip', '-n', namespace, 'link', 'set', UPLINK, 'mtu', '1400']);
  await expect(vxlan.prove()).rejects.toMatchObject({ code: 'PLANE_FAILED' });
});

test('two pipelines with the same addresses do not see a frame of each other', async () => {
  const [one, other] = [await build('west', 'east'), await build('west', 'east')];
  expect(siteOf(one, 'east').addresses).toEqual(siteOf(other, 'east').addresses);
  const before = await takenIn(siteOf(one, 'east'));
  await ping(siteOf(one, 'west'), siteOf(one, 'east'), 50);
  expect((await takenIn(siteOf(one, 'east'))) - before).toBeGreaterThanOrEqual(50);
  for (const each of other.sites()) {
    // Not even of the link below it: nobody has spoken there.
    for (const { ifname, stats64 } of await linksOf(each.namespace))
      expect([ifname, stats64.rx.packets]).toEqual([ifname, 0]);
  }
});

test('one more site is reached by the others and reaches them; a cut one comes back', async () => {
  const vxlan = await build('west', 'east');
  await vxlan.join(['core']);
  await vxlan.prove();
  const [west, core] = [siteOf(vxlan, 'west'), siteOf(vxlan, 'core')];
  const cut = (state: 'down' | 'up') =>
    runTool(['ip', '-n', vxlan.underlay, 'link', 'set', core.port, state]);
  await cut('down');
  await expect(ping(west, core, 1)).rejects.toThrow();
  await cut('up');
  await expect
    .poll(
      () =>
        ping(west, core, 1).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
});

import { describe, expect, it } from 'vitest';
import { agentId, nodeName } from '../../protocol/ids.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { readPipeline, soundPipeline } from './load-pipeline.ts';

const GOOD = `pipeline:
  name: shop
  agents:
    - { name: shop-north, site: north, host: north-1, capabilities: [link-monitor] }
    - { name: shop-south, site: south, host: south-1, capabilities: [rate-limiter] }
`;

const view: PipelineView = {
  name: 'base',
  verifiersPerRound: 1,
  imageSha256: 'ab'.repeat(32),
  room: 32,
  hosts: ['north-1', 'north-2', 'south-1'].map((name) => ({
    name: nodeName(name),
    site: nodeName(name.split('-')[0] ?? ''),
  })),
  agents: [
    {
      name: agentId('base-1'),
      host: nodeName('north-1'),
      site: nodeName('north'),
      capabilities: [],
      pipeline: 'base',
      attested: true,
      keyed: true,
    },
  ],
  order: [agentId('base-1')],
};

/** `line:path message`, each. */
const told = (text: string, against?: PipelineView) =>
  readPipeline(text, 'p.yaml', against).problems.map(
    ({ line, path, message, severity }) => `${line}: ${severity ?? 'error'}: ${path}: ${message}`,
  );

describe('a pipeline file', () => {
  it('that is right may leave out links, verification and images; a role that nobody plays is a warning', () => {
    const loaded = readPipeline(GOOD, 'p.yaml');
    expect(loaded.pipeline?.agents.map(({ image }) => image)).toEqual(['muster/agent', 'muster/agent']);
    expect(told(GOOD)).toEqual([expect.stringMatching(/^4: warning: .*nobody offers anomalousUsage/)]);
    expect(soundPipeline(loaded).warnings).toContain('anomaly-detection');
  });

  it('with mistakes of all kinds is told all of them at once, each with its line and a way to mend it', () => {
    const text = `pipeline:
  name: shop
  agents:
    - { name: shop-north, site: north, host: north-1, capabilities: [link-monitr] }
    - { name: shop-north, site: north, host: north-1, capabilities: [rate-limiter] }
    - { name: shop-south, site: south, host: south-1, capabilities: [rate-limiter], imge: x }
  links:
    - { between: [shop-north, shop-suth], for: [linkRateLimited] }
  verification:
    perRound: 1
    order: [shop-north, shop-north]
    verifiers:
      - { of: shop-north, by: [shop-north] }
`;
    const { problems, pipeline } = readPipeline(text, 'p.yaml');
    expect(pipeline).toBeUndefined();
    for (const part of [
      /^4: error: pipeline\.agents\[0\]\.capabilities\[0\]: /,
      /^5: error: pipeline\.agents\[1\]\.name: there is an agent `shop-north` already/,
      /^5: error: pipeline\.agents\[1\]\.host: `shop-north` looks after north-1 already/,
      /^6: error: pipeline\.agents\[2\]\.imge: the key `imge` is not known/,
      /^8: error: pipeline\.links\[0\]\.between\[1\]: there is no agent `shop-suth`/,
      /^11: error: pipeline\.verification\.order\[1\]: `shop-north` has a turn already/,
      /^11: error: pipeline\.verification\.order: `shop-south` would have no turn/,
      /^13: error: .*by\[0\]: nobody vouches for itself/,
      /nothing joins/,
    ]) {
      expect(told(text)).toContainEqual(expect.stringMatching(part));
    }
    for (const { mend } of problems) expect(mend).not.toBe('');
    expect(() => soundPipeline(readPipeline(text, 'p.yaml'))).toThrow(/did you mean `shop-south`/);
  });

  it('that has somebody vouched for by its own guard, by too few, or twice from one site, is refused', () => {
    const three = `${GOOD}    - { name: shop-west, site: west, host: west-1, capabilities: [classifier] }
    - { name: shop-west-2, site: west, host: west-2, capabilities: [classifier] }
`;
    const vouching = (lines: string) => `${three}  verification:
    perRound: 2
    order: [shop-west, shop-north, shop-west-2, shop-south]
    verifiers:
${lines}`;
    const rest = `      - { of: shop-south, by: [shop-west, shop-north] }
      - { of: shop-west, by: [shop-north, shop-south] }
`;
    const own = vouching(`${rest}      - { of: shop-west-2, by: [shop-west, shop-north] }
      - { of: shop-north, by: [shop-west] }
`);
    expect(told(own).join('\n')).toMatch(/`shop-west` is behind the same guard, that of west/);
    expect(told(own).join('\n')).toMatch(/`shop-north` has 1 of 2 verifiers/);
    const twice = vouching(`${rest}      - { of: shop-west-2, by: [shop-south, shop-north] }
      - { of: shop-north, by: [shop-west, shop-west-2] }
`);
    expect(told(twice).join('\n')).toMatch(/west vouches for `shop-north` twice/);
  });

  it('is compared with what is up: hosts, who holds them, rounds and images', () => {
    const text =
      `${GOOD.replace('south-1', 'south-9')}  verification: { perRound: 2, order: [shop-north, shop-south] }
`.replace(
        'capabilities: [rate-limiter]',
        `capabilities: [rate-limiter], image: muster/agent@sha256:${'cd'.repeat(32)}`,
      );
    const all = told(text, view).join('\n');
    expect(all).toMatch(/4: error: .*host: base-1 of the pipeline base looks after north-1/);
    expect(all).toMatch(/5: error: .*host: there is no host `south-9` here/);
    expect(all).toMatch(/5: error: .*image: what is up boots agents from @sha256:abab/);
    expect(all).toMatch(/perRound: rounds of what is up have 1 verifiers each/);
    expect(readPipeline(text, 'p.yaml', view).problems.map(({ mend }) => mend)).toContain(
      'free at north: `north-2`',
    );
  });

  it.each([
    ['nothing', ''],
    ['a list', '- 1'],
    ['a bomb', `a: &a [${'x,'.repeat(100)}]\nb: &b [${'*a,'.repeat(100)}]\nc: [${'*b,'.repeat(100)}]\n`],
    ['another format', 'service: { name: shop }'],
    [
      'many agents',
      `pipeline:\n  name: x\n  agents:\n${'    - { name: a, site: b, host: c, capabilities: [classifier] }\n'.repeat(5000)}`,
    ],
    ['a prototype', 'pipeline: { __proto__: { name: x }, name: y, agents: [{ constructor: 1 }] }'],
  ])('that is hostile (%s) is answered by problems, in bounded time', (_, text) => {
    const began = performance.now();
    const { pipeline, problems } = readPipeline(text, 'p.yaml', view);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(pipeline).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(26);
  });
});

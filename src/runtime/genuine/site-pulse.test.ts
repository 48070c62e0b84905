import { expect, test } from 'vitest';
import { SitePulse } from './site-pulse.ts';

function bench() {
  let nowMs = 0;
  const told: string[] = [];
  const asked: string[] = [];
  const pulse = new SitePulse({
    monotonicMs: () => nowMs,
    ask: (site) => asked.push(site),
    onSilent: (site, forMs) => told.push(`${site} silent for ${forMs}`),
    onBack: (site) => told.push(`${site} back`),
  });
  const pass = (ms: number, ...answering: readonly string[]) => {
    for (const endMs = nowMs + ms; nowMs < endMs; ) {
      nowMs += 250;
      for (const site of answering) pulse.heard(site);
      pulse.look();
    }
  };
  return { pulse, told, asked, pass, stand: (ms: number) => (nowMs += ms) };
}

test('a site whose daemon does not answer for a second is silent, once, until it answers', () => {
  const { pulse, told, asked, pass } = bench();
  pass(5000);
  expect([told, asked]).toEqual([[], []]);
  pulse.heard('west');
  pulse.heard('east');
  pass(2000, 'west', 'east');
  expect(told).toEqual([]);
  pass(3000, 'west');
  expect(told).toEqual(['east silent for 1250']);
  pass(500, 'west', 'east');
  expect(told).toEqual(['east silent for 1250', 'east back']);
});

test('a daemon that has ended is silent at once, and back with the one that takes its place', () => {
  const { pulse, told } = bench();
  pulse.ended('west');
  expect(told).toEqual([]);
  pulse.heard('west');
  pulse.ended('west');
  pulse.heard('west');
  expect(told).toEqual(['west silent for 0', 'west back']);
});

test('nobody is silent because this process has stood still', () => {
  const { pulse, told, pass, stand } = bench();
  pulse.heard('west');
  stand(10_000);
  pulse.look();
  pass(500, 'west');
  expect(told).toEqual([]);
});

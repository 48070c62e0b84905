import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portRules } from './port-rules.ts';
import type { Steering, SteeringTable } from './steering.ts';
import { nextAt, steeringTable, transition } from './steering.ts';

const LINK = 'aaaaaaaaaa';
const port = (name: string) => ({ port: `p${name}`, mac: `mac-${name}`, link: LINK });
const chain = (...names: string[]): Steering => ({
  id: 'c',
  match: { protocol: 6, destination: '10.0.0.9', destinationPort: 80 },
  steps: names.map((name) => [...name].map((unit) => ({ unit, ingress: port(unit), egress: port(unit) }))),
});
const table = (...names: string[]) => (names.length === 0 ? undefined : steeringTable(chain(...names)));

/** Which hops a packet meets on its way from somebody who is no hop; throws where it goes in circles. */
function walk(at: SteeringTable, way: 'forward' | 'backward'): string[] {
  const met: string[] = [];
  let next = nextAt(at[way], { port: 'pclient', link: LINK });
  for (let [first] = next ?? []; first !== undefined; [first] = next ?? []) {
    const name = first.unit;
    if (met.includes(name)) throw new Error(`a loop: ${met.join(' ')} ${name}`);
    met.push(name);
    next = nextAt(at[way], port(name));
  }
  return met;
}

describe('steering', () => {
  test('leads packets through the hops in order, and replies back in reverse', () => {
    const three = steeringTable(chain('a', 'b', 'c'));
    expect(walk(three, 'forward')).toEqual(['a', 'b', 'c']);
    expect(walk(three, 'backward')).toEqual(['c', 'b', 'a']);
  });

  test('says nothing about links that the chain does not begin or end on', () => {
    expect(nextAt(steeringTable(chain('a')).forward, { port: 'px', link: 'other' })).toBeUndefined();
  });

  const hops = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 5 });

  test('a change goes from the old way to the new one, and at no moment in circles or into the void', () => {
    fc.assert(
      fc.property(hops, hops, (from, to) => {
        const steps = transition(table(...from), table(...to));
        for (const way of ['forward', 'backward'] as const) {
          const wanted = way === 'forward' ? to : to.toReversed();
          for (const step of steps) {
            const met = walk(step, way);
            // Who comes in is led as before until the end of the new chain can be reached, and from then on by it.
            if (from.length > 0 && to.length > 0) expect(met.length).toBeGreaterThan(0);
          }
          const last = steps.at(-1);
          if (last !== undefined) expect(walk(last, way)).toEqual(wanted);
        }
      }),
    );
  });

  test('hops that are new are ready before anybody is sent to them', () => {
    const steps = transition(table('a', 'b', 'c'), table('a', 'x', 'c'));
    expect(steps.map((step) => walk(step, 'forward').join(''))).toEqual(['abc', 'axc', 'axc', 'axc']);
    // Of the hop that goes, what is under way is still led on until the last step.
    expect(steps.at(-2)?.forward.at.get('pb')).toEqual([{ unit: 'c', mac: 'mac-c' }]);
    expect(steps.at(-1)?.forward.at.has('pb')).toBe(false);
  });

  test('a unit that comes beside another is ready before it has flows, and one that goes has none any more', () => {
    const moments = (from: string, to: string) =>
      transition(table(from, 'z'), table(to, 'z')).map(({ forward: { at, entry } }) => {
        const units = entry?.next.map(({ unit }) => unit).join('');
        return `${units}, ready: ${['a', 'b'].filter((each) => at.has(`p${each}`)).join('')}`;
      });
    expect([...new Set(moments('a', 'ab'))]).toEqual(['a, ready: ab', 'ab, ready: ab']);
    expect([...new Set(moments('ab', 'a'))]).toEqual(['ab, ready: ab', 'a, ready: ab', 'a, ready: a']);
  });

  test('taking a chain away first lets nobody in any more', () => {
    const [first, second] = transition(table('a', 'b'), undefined);
    expect(first === undefined ? [] : walk(first, 'forward')).toEqual(['a', 'b']);
    expect(second?.forward.entry).toBeUndefined();
    expect(second?.forward.at.size).toBe(2);
  });
});

describe('the rules of a port', () => {
  test('name the next hop, match the way back with ends swapped, and refuse borrowed addresses', () => {
    const text = portRules({ port: 'p1', mac: '02:00:00:00:00:01', link: LINK }, [
      steeringTable(chain('a', 'b')),
    ]);
    expect(text).toContain('ether saddr != 02:00:00:00:00:01 drop');
    expect(text).toContain(
      'meta protocol ip ip daddr 10.0.0.9 ip protocol 6 th dport 80 counter ether daddr set mac-a accept',
    );
    expect(text).toContain(
      'meta protocol ip ip saddr 10.0.0.9 ip protocol 6 th sport 80 counter ether daddr set mac-b accept',
    );
  });

  test('share flows out among the units of a step, the same way for both directions', () => {
    const text = portRules({ port: 'p1', mac: '02:00:00:00:00:01', link: LINK }, [
      steeringTable(chain('ab', 'c')),
    ]).split('\n');
    const forward = text.find((line) => line.includes('ip daddr 10.0.0.9')) ?? '';
    expect(forward).toContain('ether daddr set jhash ip saddr . ip daddr . th sport . th dport mod 256 seed');
    for (const unit of ['a', 'b']) expect(forward.split(`mac-${unit}`).length).toBeGreaterThan(100);
    const fromC = portRules({ port: 'pc', mac: '02:00:00:00:00:02', link: LINK }, [
      steeringTable(chain('ab', 'c')),
    ]);
    const backward = fromC.split('\n').find((line) => line.includes('jhash')) ?? '';
    expect(backward).toContain('jhash ip daddr . ip saddr . th dport . th sport mod 256 seed');
    expect(backward.split(' map ')[1]).toBe(forward.split(' map ')[1]);
  });

  test('lead what is addressed to a unit of a step to that one', () => {
    const at = (unit: string, address: string) => ({ ...port(unit), address });
    const step = ['a', 'b'].map((unit, index) => ({
      unit,
      ingress: at(unit, `10.0.0.${index}`),
      egress: at(unit, `10.0.0.${index}`),
    }));
    const rules = (match: Steering['match']) =>
      portRules({ port: 'p1', mac: '02:00:00:00:00:01', link: LINK }, [
        steeringTable({ id: 'c', match, steps: [step] }),
      ]);
    const open = rules({ protocol: 6, destinationPort: 80 });
    expect(open).toContain('th dport 80 ip daddr 10.0.0.1 counter ether daddr set mac-b accept');
    expect(open.indexOf('mac-b accept')).toBeLessThan(open.indexOf('jhash'));
    const told = rules({ protocol: 6, destination: '10.0.0.1', destinationPort: 80 });
    expect(told).toContain('th dport 80 counter ether daddr set mac-b accept');
  });

  test('of two chains the one that says more comes first', () => {
    const wide = { ...steeringTable(chain('a')), id: 'a-wide', match: { protocol: 6, destinationPort: 80 } };
    const narrow = { ...steeringTable(chain('b')), id: 'z-narrow' };
    const text = portRules({ port: 'p1', mac: '02:00:00:00:00:01', link: LINK }, [wide, narrow]);
    expect(text.indexOf('mac-b')).toBeLessThan(text.indexOf('mac-a'));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeName } from '../../protocol/ids.ts';
import { movesForRoom } from './moves-for-room.ts';
import { unit } from './testing/small-substrate.ts';

const left = (...vcpus: readonly number[]) =>
  vcpus.map((each, n) => ({
    name: nodeName(`h${n}`),
    site: nodeName(`s${n}`),
    vcpus: each,
    memoryMib: 100,
    storageGb: 10,
  }));
const at = (host: string, vcpus: number, id = `${host}-${vcpus}`) => ({ host, unit: unit(id, vcpus) });
const ids = (moves: readonly { readonly unit: { readonly id: string } }[]) =>
  moves.map((each) => each.unit.id);

describe('units whose move makes room', () => {
  it('are those after which it fits, the smallest first', () => {
    const movable = [at('h0', 2), at('h1', 1), at('h0', 4)];
    expect(ids(movesForRoom(left(3, 3, 2), [unit('big', 4)], movable))).toEqual(['h1-1', 'h0-2']);
  });

  it('are none where it fits as it is, or never', () => {
    const movable = [at('h0', 2), at('h1', 1)];
    expect(movesForRoom(left(3, 3, 4), [unit('big', 4)], movable)).toEqual([]);
    expect(movesForRoom(left(3, 3, 2), [unit('big', 6)], movable)).toEqual([]);
    expect(movesForRoom(left(0, 0), [unit('big', 1)], [at('h0', 1), at('h1', 1)])).toEqual([]);
  });

  it('are those that leave larger pieces free where one is not enough', () => {
    const movable = [at('h0', 1, 'a'), at('h0', 1, 'b'), at('h2', 1, 'c')];
    expect(ids(movesForRoom(left(2, 1, 0, 1), [unit('big', 4)], movable))).toEqual(['a', 'b']);
  });

  it('go to where they may, with the memory that they need', () => {
    const bound = { host: 'h0', unit: unit('bound', 1, { sites: [nodeName('s0')] }) };
    const heavy = {
      host: 'h0',
      unit: { ...unit('heavy', 1), demand: { vcpus: 1, memoryMib: 101, storageGb: 0 } },
    };
    expect(movesForRoom(left(3, 1), [unit('big', 4)], [bound, heavy])).toEqual([]);
  });

  it('are for what fits what is free all in all', () => {
    const size = fc.integer({ min: 1, max: 6 });
    const rooms = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 5 });
    const placed = fc.array(fc.tuple(fc.nat(4), size), { maxLength: 6 });
    fc.assert(
      fc.property(rooms, fc.array(size, { minLength: 1, maxLength: 3 }), placed, (free, sizes, there) => {
        const wanted = sizes.map((each, n) => unit(`w${n}`, each));
        const movable = there
          .filter(([host]) => host < free.length)
          .map(([host, each], n) => at(`h${host}`, each, `m${n}`));
        const moves = movesForRoom(left(...free), wanted, movable);
        const largest = Math.max(...free);
        // By its size it has to be that more than one host is needed for it, or a piece that is larger than any that is free.
        if (moves.length > 0) expect(wanted.length > 1 || (sizes[0] ?? 0) > largest).toBe(true);
        for (const { host, unit: moved } of moves) {
          const others = free.filter((_, n) => `h${n}` !== host);
          expect(Math.max(...others)).toBeGreaterThanOrEqual(moved.demand.vcpus);
        }
      }),
    );
  });
});

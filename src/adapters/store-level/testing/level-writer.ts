import { openLevelStore } from '../level-store.ts';

// Counts up in a store for ever, in several keys at once and from several sides, and tells each number once it is stored: to be killed.

const [directory = ''] = process.argv.slice(2);
const store = await openLevelStore(directory, { format: 1 });

async function count(side: string): Promise<void> {
  for (;;) {
    const stored = await store.update(async (view) => {
      const before = await view.get(`n/${side}`);
      const n = before === undefined ? 0 : Number(new TextDecoder().decode(before)) + 1;
      const text = new TextEncoder().encode(String(n));
      return {
        changes: [
          { kind: 'put', key: `n/${side}`, value: text },
          { kind: 'put', key: `copy/${side}`, value: new TextEncoder().encode(String(n).repeat(500)) },
          { kind: 'put', key: `each/${side}/${n % 50}`, value: text },
        ],
        answer: n,
      };
    });
    process.stdout.write(`${side} ${stored}\n`);
  }
}

await Promise.all(['a', 'b', 'c'].map(count));

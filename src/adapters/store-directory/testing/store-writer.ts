import { openDirectoryStore } from '../directory-store.ts';

// Counts up in a store for ever, and tells each number once it is stored: to be killed.

const [directory = ''] = process.argv.slice(2);
const store = await openDirectoryStore(directory);
for (;;) {
  const stored = await store.update(async (view) => {
    const before = await view.get('n');
    const n = before === undefined ? 0 : Number(new TextDecoder().decode(before)) + 1;
    return {
      changes: [
        { kind: 'put', key: 'n', value: new TextEncoder().encode(String(n)) },
        { kind: 'put', key: 'copy', value: new TextEncoder().encode(String(n).repeat(2000)) },
      ],
      answer: n,
    };
  });
  process.stdout.write(`${stored}\n`);
}

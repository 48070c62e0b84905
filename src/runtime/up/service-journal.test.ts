import { expect, test } from 'vitest';
import { journalIndex } from '../../core/explain/journal-index.ts';
import { namedEntry } from '../../core/explain/named-entry.ts';
import { renderWhy } from '../../core/explain/render-why.ts';
import { whyChain } from '../../core/explain/why-chain.ts';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import { JournalWriter } from '../journal-writer.ts';
import { serviceBench } from '../services/testing/service-bench.ts';
import { functionVnfd, shopNsd } from '../services/testing/shop-packages.ts';
import { keepServiceJournal } from './service-journal.ts';

test('of an operation that was undone, why says what went wrong, asked by the name of its service', async () => {
  const bench = await serviceBench();
  try {
    const journal = new JournalWriter();
    keepServiceJournal(bench.manager, journal, () => bench.clock.nowMs());
    await bench.onboard(functionVnfd('wall'), functionVnfd('huge', { vcpus: 99 }), shopNsd('wall', 'huge'));
    const { operation } = await bench.manager.apply({ service: { name: 'shop', nsd: 'shop-ns' } });
    await bench.until(async () => isOver((await bench.manager.operation(operation?.id ?? '')).state));
    const { entries } = journal;
    const asked = namedEntry(entries, 'shop') ?? '';
    expect(entries.find(({ id }) => id === asked)).toMatchObject({ kind: 'operation', state: 'ROLLED_BACK' });
    const said = renderWhy(whyChain(journalIndex(entries), asked))[0];
    expect(said).toContain('no host has 99 vCPU free for web/vm/0');
  } finally {
    await bench.close();
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConsoleAccess } from '../../src/api/console/console-access.ts';
import { createApi } from '../../src/api/create-api.ts';
import { CONSOLE_PAGES } from '../../src/cli/console-address.ts';
import { JournalEntrySchema } from '../../src/protocol/journal.ts';
import { readScenario } from '../../src/runtime/run-files.ts';
import { RunShelf } from '../../src/runtime/runs/run-shelf.ts';
import { openTokenStore } from '../../src/runtime/tokens/open-token-store.ts';
import { KeptJournal, USUAL_RETENTION } from '../../src/runtime/up/kept-journal.ts';
import { inGroup } from './large-recording.ts';

// The API and the console over a journal that grows by so many entries a second: those of a recorded run, over and over, under names of
// their own. No agents run beside it, so that it is the page that is measured.

const [run = '', perSecond = '60', home = ''] = process.argv.slice(2);
const lines = readFileSync(join(run, 'journal.jsonl'), 'utf8').trim().split('\n');
const scenario = await readScenario(run);
const nowMs = () => Date.now();
const tokens = await openTokenStore(home);
const journal = new KeptJournal(USUAL_RETENTION, nowMs);
const listeners = new Set<(seq: number, entry: ReturnType<typeof entryAt>) => void>();
const entryAt = (at: number) =>
  JournalEntrySchema.parse(
    JSON.parse(inGroup(lines[at % lines.length] ?? '', Math.floor(at / lines.length))),
  );
const access = createConsoleAccess({ tokens, nowMs });
const refuse = async () => {
  throw new Error('nothing can be changed here');
};

const api = createApi({
  supervisor: {
    status: () => ({
      ...{ scenario: scenario.name, plane: 'twin', ready: true, upForS: 1, ledger: null, epoch: 1 },
      ...{ setVersion: 1, rootOfTrust: 'a1', processes: {}, services: null, alarms: [], alarmCauses: [] },
      agents: [],
      journal: journal.extent(),
    }),
    record: () => undefined,
    appraisal: () => undefined,
    entriesAfter: (seq) => journal.after(seq),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change: refuse,
    group: () => {
      throw new Error('there are no agents here');
    },
    network: () => ({ scenario, substrate: null, addresses: {} }),
    counters: async () => ({ tMs: nowMs(), links: [], units: [] }),
    orderRounds: refuse,
    upgrade: () => {
      throw new Error('there are no agents here');
    },
    planUpgrade: () => {
      throw new Error('there are no agents here');
    },
    upgradeTo: refuse,
    startAgent: () => false,
    block: refuse,
    unblock: refuse,
    blocks: async () => [],
    recordRequest: () => undefined,
  },
  token: 'of the measurement',
  tokens,
  runs: new RunShelf({ directory: join(run, '..'), command: [process.execPath], nowMs }),
  console: { access, pages: CONSOLE_PAGES },
  onStop: () => undefined,
});
const address = await api.listen({ host: '127.0.0.1', port: 0 });
let next = 0;
const beganMs = performance.now();
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - beganMs) / 1000) * Number(perSecond));
  for (; next < due; next++) {
    const entry = entryAt(next);
    const seq = journal.keep(entry);
    for (const listener of listeners) listener(seq, entry);
  }
}, 10);
process.stdout.write(`${address}${access.address()}\n`);
process.once('SIGTERM', () => {
  clearInterval(timer);
  api.server.closeAllConnections();
  void api.close();
});

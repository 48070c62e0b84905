import { useJournal } from '../../data/use-journal.ts';
import { RunOverview } from './run-overview.tsx';
import { UpOverview } from './up-overview.tsx';

/** Whether all is well, and if not, why. */
export function Overview() {
  const { source } = useJournal();
  return source.kind === 'up' ? <UpOverview /> : <RunOverview id={source.id} />;
}

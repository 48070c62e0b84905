import { useJournal } from '../data/use-journal.ts';

/** Said where something is not told by the journal, while one looks at an earlier time. */
export function OfNow() {
  const { source, isNow } = useJournal();
  if (isNow || source.kind === 'run') return null;
  return <p className="about of-now">▲ This is as it is now, not as it was at the time you look at.</p>;
}

import './share-bar.css';

const NEARLY_ALL = 0.9;

interface Props {
  /** 0 to 1. */
  readonly part: number;
  readonly children: string;
}

/** How much of something is used: as a bar, and in words. */
export function ShareBar({ part, children }: Props) {
  const shown = Math.max(0, Math.min(1, part));
  return (
    <span className="share">
      <span className="share-bar" aria-hidden="true">
        <span className={shown > NEARLY_ALL ? 'full' : ''} style={{ width: `${shown * 100}%` }} />
      </span>
      {children}
    </span>
  );
}

export function partOfAll({ used, total }: { readonly used: number; readonly total: number }): number {
  return total === 0 ? 0 : used / total;
}

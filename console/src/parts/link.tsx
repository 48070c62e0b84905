import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';

/** Parts of an address that stay from view to view: what is looked at. */
const KEPT = ['source', 'at', 'tour'] as const;

/** The address of a view, of the same source and the same time. */
export function useAddress(): (path: string, more?: Readonly<Record<string, string>>) => string {
  const [params] = useSearchParams();
  return (path, more = {}) => {
    const kept = KEPT.flatMap((name) => {
      const value = params.get(name);
      return value === null ? [] : [[name, value] as [string, string]];
    });
    const query = new URLSearchParams({ ...Object.fromEntries(kept), ...more }).toString();
    return query === '' ? path : `${path}?${query}`;
  };
}

interface Props {
  readonly to: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly className?: string;
  readonly children: ReactNode;
  readonly current?: boolean;
}

/** A link to another view that takes along what is looked at. */
export function ViewLink({ to, more, className, children, current }: Props) {
  const address = useAddress();
  return (
    <Link
      href={address(to, more)}
      className={className ?? ''}
      {...(current ? { 'aria-current': 'page' as const } : {})}
    >
      {children}
    </Link>
  );
}

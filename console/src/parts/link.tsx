import type { ReactNode } from 'react';
import { Link, useSearch } from 'wouter';

/** Parts of an address that stay from view to view: what is looked at. */
const KEPT = ['source', 'at', 'tour'] as const;

type More = Readonly<Record<string, string>>;

/** What is kept of the last address: a view has hundreds of links, all with the same. */
let last: { readonly search: string; readonly kept: More; readonly query: string } | undefined;

function keptOf(search: string) {
  if (last?.search === search) return last;
  const params = new URLSearchParams(search);
  const kept = Object.fromEntries(
    KEPT.flatMap((name) => {
      const value = params.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  last = { search, kept, query: new URLSearchParams(kept).toString() };
  return last;
}

/** The address of a view, of the same source and the same time. */
export function useAddress(): (path: string, more?: More) => string {
  const { kept, query } = keptOf(useSearch());
  return (path, more) => {
    const wanted = more === undefined ? query : new URLSearchParams({ ...kept, ...more }).toString();
    return wanted === '' ? path : `${path}?${wanted}`;
  };
}

interface Props {
  readonly to: string;
  readonly more?: More;
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

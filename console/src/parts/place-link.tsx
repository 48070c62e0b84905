import { useSearchParams } from 'wouter';
import { ViewLink } from './link.tsx';

interface Props {
  readonly kind: 'site' | 'host';
  readonly name: string;
  readonly className?: string;
  /** What stands before the name. */
  readonly sign?: string;
}

/** Leads to a site or a host on the map; the service whose flows are shown there stays. */
export function PlaceLink({ kind, name, className, sign = '' }: Props) {
  const [params] = useSearchParams();
  const service = params.get('service');
  const more = { [kind]: name, ...(service === null ? {} : { service }) };
  return (
    <ViewLink to="/topology" more={more} {...(className === undefined ? {} : { className })}>
      {sign}
      {name}
    </ViewLink>
  );
}

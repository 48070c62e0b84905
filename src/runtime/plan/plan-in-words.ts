import type { OptimumResult } from '../../ports/optimum.ts';
import type { HostUse, PlannedService, PlannedUnit } from './plan-placement.ts';

/** Sites quoted for a unit that nobody hosts. */
const QUOTED = 8;
/** Cells of a bar that is full. */
const BAR = 20;

/** A plan for people: unit by unit, then what it costs, and how far that is from the best. */
export function planInWords(plan: PlannedService): readonly string[] {
  const width = Math.max(4, ...plan.units.map(({ unit }) => unit.length));
  const { complete, stuck } = plan.chains;
  return [
    ...plan.units.flatMap((unit) => unitInWords(unit, width)),
    '',
    ...hostsInWords(plan.hosts),
    plan.byteHops === undefined
      ? `${plan.service} cannot be placed: none of ${stuck} chains could be completed`
      : `${plan.service} would cost ${figure(plan.byteHops)} bytes/s x hops: the cheapest of ${complete} chains`,
    ...(plan.optimum === undefined ? [] : [optimumInWords(plan.optimum, plan.byteHops)]),
  ];
}

function unitInWords(
  { unit, site, host, price, parts, others }: PlannedUnit,
  width: number,
): readonly string[] {
  const name = unit.padEnd(width);
  if (host === undefined) {
    const refused = others
      .slice(0, QUOTED)
      .map((each) => `${' '.repeat(width)}  ${each.site}: ${each.reason}`);
    const more =
      others.length > QUOTED ? [`${' '.repeat(width)}  and ${others.length - QUOTED} more sites`] : [];
    return [`${name}  nobody hosts it`, ...refused, ...more];
  }
  const of = parts.map((part) => `${part.name} ${figure(part.value)}`).join(', ');
  const [next] = others.filter((each) => each.price !== undefined);
  const before = next === undefined ? 'nobody else bids' : `next ${next.site} at ${figure(next.price ?? 0)}`;
  return [`${name}  ${host} at ${site}  ${figure(price ?? 0)} (${of}); ${before}`];
}

/** A bar for each host: how much of its processors and of its memory the service would take. */
function hostsInWords(hosts: readonly HostUse[]): readonly string[] {
  if (hosts.length === 0) return [];
  const width = Math.max(...hosts.map(({ site, host }) => `${site} ${host}`.length));
  return [
    ...hosts.map(({ site, host, vcpus, memoryMib, units }) => {
      const memory = `${bar(memoryMib)} ${figure(memoryMib.used)}/${figure(memoryMib.total)} MiB`;
      const cpu = `${bar(vcpus)} ${figure(vcpus.used)}/${figure(vcpus.total)} vCPU`;
      return `${`${site} ${host}`.padEnd(width)}  ${cpu}  ${memory}  ${units.length} ${units.length === 1 ? 'unit' : 'units'}`;
    }),
    '',
  ];
}

function bar({ used, total }: HostUse['vcpus']): string {
  const full = total > 0 ? Math.min(BAR, Math.ceil((BAR * used) / total)) : 0;
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
}

function optimumInWords(optimum: OptimumResult, byteHops: number | undefined): string {
  const took = `${(optimum.tookMs / 1000).toFixed(1)} s`;
  switch (optimum.kind) {
    case 'infeasible':
      return `exactly: proved in ${took} that it cannot be placed`;
    case 'unknown':
      return `exactly: not known, ${optimum.reason}`;
    case 'optimal':
    case 'time-limit': {
      const { value, bound, kind } = optimum;
      const known = kind === 'optimal' ? (value ?? bound) : bound;
      const what =
        kind === 'optimal'
          ? `the optimum is ${figure(known)}, proved in ${took}`
          : `within ${took} it is proved that nothing costs less than ${figure(known)}`;
      if (byteHops === undefined) return `exactly: ${what}`;
      const above = byteHops - known;
      return `exactly: ${what}; the auction is ${known > 0 ? `${((100 * above) / known).toFixed(1)} %` : figure(above)} above`;
    }
    default:
      return optimum satisfies never;
  }
}

function figure(value: number): string {
  return String(Math.round(value * 100) / 100);
}

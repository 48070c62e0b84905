import type { Nsd, Vnfd } from '../../protocol/descriptors.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ImageTarget } from '../../protocol/site-config.ts';
import { NOTHING } from '../services/demand.ts';
import { nsdIdOf } from './nsd-id.ts';
import type { PlanRefusal } from './refusal.ts';

type ImageFor = (image: string) => ImageTarget | undefined;
type ByFunctions = Extract<ServiceFile, { functions: unknown }>;

/** What a VNFD can do: entries of the catalogue behind its images, its images, and its own id. */
export function offersOf(vnfd: Vnfd, imageFor: ImageFor): ReadonlySet<string> {
  const offers = vnfd.vdus.flatMap(({ image }) => {
    const target = image === undefined ? undefined : imageFor(image);
    const entry = target !== undefined && 'catalogue' in target ? [target.catalogue] : [];
    return [...entry, ...(image === undefined ? [] : [image])];
  });
  return new Set([...offers, vnfd.id]);
}

/** The NSD that nobody has written: functions by what they can do, on one network, and the chain through them. */
export function nsdFromFunctions(
  wanted: ByFunctions,
  vnfds: ReadonlyMap<string, Vnfd>,
  imageFor: ImageFor,
): { readonly nsd: Nsd; readonly refusals: readonly PlanRefusal[] } {
  const refusals: PlanRefusal[] = [];
  const all = [...vnfds.values()].filter(({ cannotRun }) => cannotRun.length === 0);
  const chosen = wanted.functions.flatMap(({ name, capability }) => {
    // The one that asks for least; of equals the first by name, so that the choice is always the same.
    const [vnfd] = all
      .filter((each) => offersOf(each, imageFor).has(capability))
      .toSorted((a, b) => vcpusOf(a) - vcpusOf(b) || (a.id < b.id ? -1 : 1));
    if (vnfd !== undefined) return [{ name, vnfd }];
    const known = [...new Set(all.flatMap((each) => [...offersOf(each, imageFor)]))].toSorted().slice(0, 20);
    refusals.push({
      about: `function ${name}`,
      reason: `no onboarded VNFD offers ${capability}`,
      mend:
        known.length === 0
          ? 'onboard one: muster package onboard'
          : `onboard one, or ask for one of: ${known.join(', ')}`,
    });
    return [];
  });
  const names = wanted.functions.map(({ name }) => name);
  for (const name of wanted.chain?.through ?? []) {
    if (names.includes(name)) continue;
    refusals.push({
      about: 'chain',
      reason: `there is no function ${name}`,
      mend: `one of: ${names.join(', ')}`,
    });
  }
  const data = (vnfd: Vnfd) => vnfd.externalPoints.filter(({ id }) => id !== vnfd.managementPoint);
  const steps = (wanted.chain?.through ?? []).flatMap((name) => {
    const vnfd = chosen.find((each) => each.name === name)?.vnfd;
    if (vnfd === undefined) return [];
    const points = data(vnfd).length > 0 ? data(vnfd) : vnfd.externalPoints;
    return [{ member: name, ingress: points[0]?.id, egress: points.at(-1)?.id }];
  });
  const nsd: Nsd = {
    kind: 'nsd',
    id: nsdIdOf(wanted),
    invariantId: nsdIdOf(wanted),
    name: wanted.name,
    version: '1.0',
    description: wanted.description ?? '',
    vnfdIds: [...new Set(chosen.map(({ vnfd }) => vnfd.id))],
    links: [
      { id: 'management', management: true, siteNetwork: undefined, cidr: undefined },
      { id: 'data', management: false, siteNetwork: undefined, cidr: undefined },
    ],
    flavours: [
      {
        id: 'default',
        groups: [],
        members: chosen.map(({ name, vnfd }) => ({
          id: name,
          vnfdId: vnfd.id,
          flavour: undefined,
          level: undefined,
          minInstances: 1,
          maxInstances: 1,
          groups: [],
          connections: vnfd.externalPoints.map(({ id }) => ({
            point: id,
            // Who has one point alone carries data over it.
            link: id === vnfd.managementPoint && data(vnfd).length > 0 ? 'management' : 'data',
            address: undefined,
          })),
        })),
      },
    ],
    forwardingGraphs:
      wanted.chain === undefined
        ? []
        : [
            {
              id: 'chain',
              members: names,
              paths: [{ id: 'chain', steps, matches: wanted.chain.match.map(flowMatch) }],
            },
          ],
  };
  return { nsd, refusals };
}

function vcpusOf({ flavours }: Vnfd): number {
  return (flavours[0]?.demand ?? NOTHING).vcpus;
}

type Flow = NonNullable<ByFunctions['chain']>['match'][number];

function flowMatch(
  flow: Flow,
  index: number,
): Nsd['forwardingGraphs'][number]['paths'][number]['matches'][number] {
  return {
    id: `flow-${index + 1}`,
    protocol: flow.protocol,
    source: flow.source,
    destination: flow.destination,
    sourcePort: flow.sourcePort,
    destinationPort: flow.destinationPort,
    from: undefined,
  };
}

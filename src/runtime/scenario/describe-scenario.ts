import { count, list, rate, span } from '../../core/explain/in-words.ts';
import type { AttackSpec, FunctionSpec, HostSpec, Scenario, UserGroup } from '../../protocol/scenario.ts';
import { expectationsInText } from './expectations-in-text.ts';

/** A part of a description: a heading and its sentences. */
export interface DescriptionPart {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** A scenario in words: what it shows, its network, functions, people, attacks, faults, and what is expected. */
export function describeScenario(scenario: Scenario): readonly DescriptionPart[] {
  const { topology, functions, agents, users, attacks, faults, expect } = scenario;
  const parts = [
    {
      heading: 'What it shows',
      lines: [
        scenario.description || scenario.title,
        `It lasts ${span(scenario.durationMs)}; users warm up for ${span(scenario.warmupMs)} before.`,
      ],
    },
    { heading: 'Network', lines: networkInWords(scenario) },
    { heading: 'Hosts', lines: topology.hosts.map(hostInWords) },
    { heading: 'Functions, placed by auction', lines: functions.map(functionInWords) },
    {
      heading: 'Agents',
      lines:
        agents === undefined
          ? [
              `${count(topology.hosts.length, 'agent')}, one for each host: a1 to a${topology.hosts.length}, able to do everything.`,
            ]
          : agents.map(
              (agent) =>
                `${agent.name} looks after ${agent.host}, knows ${list(agent.capabilities)}, bids by ${agent.bid.mode}.`,
            ),
    },
    { heading: 'Users', lines: users.map(usersInWords) },
    { heading: 'Attacks', lines: attacks.length === 0 ? ['None.'] : attacks.map(attackInWords) },
    {
      heading: 'Faults',
      lines: faults.map((fault) =>
        fault.when === 'accepted'
          ? `The agent that wins ${fault.holderOf} is stopped without notice, between its acceptance and its report.`
          : `The agent that holds ${fault.holderOf} is stopped without notice, ${span(fault.afterMs)} after its report.`,
      ),
    },
    { heading: 'Expected', lines: expectationsInText(expect) },
  ];
  return parts.filter((part) => part.lines.length > 0);
}

function networkInWords({ topology }: Scenario): string[] {
  const limited = topology.trunks.flatMap(({ from, to, capacityBytesPerSec }) =>
    capacityBytesPerSec === undefined
      ? []
      : [`The trunk ${from}>${to} carries at most ${rate(capacityBytesPerSec)}.`],
  );
  const trunks = topology.trunks.map(({ from, to }) => `${from}-${to}`);
  return [
    `${count(topology.switches.length, 'switch', 'switches')} (${list(topology.switches)})${trunks.length === 0 ? '' : `, joined by ${list(trunks)}`}.`,
    `Users and attackers come in at ${list(topology.accessPoints.map((point) => `${point.name} (on ${point.switch})`))}.`,
    ...limited,
  ];
}

function hostInWords(host: HostSpec): string {
  const { cpu, memoryGb } = host.background;
  const busy = cpu > 0 || memoryGb > 0 ? `, of which ${cpu} CPU and ${memoryGb} GiB are taken by others` : '';
  const link =
    host.capacityBytesPerSec === undefined
      ? ''
      : `; its link carries at most ${rate(host.capacityBytesPerSec)}`;
  return `${host.name} on ${host.switch}: ${host.cpu} CPU, ${host.memoryGb} GiB${busy}${link}.`;
}

function functionInWords(spec: FunctionSpec): string {
  const needs = `${spec.name} (${spec.kind}) needs ${spec.cpu} CPU and ${spec.memoryGb} GiB`;
  switch (spec.kind) {
    case 'web-server':
      return `${needs}; SYN cookies ${spec.synCookies ? 'on' : `off, ${spec.backlog} half-open connections at most`}.`;
    case 'link-monitor':
      return `${needs}; watches ${spec.watch.includes('>') ? `the trunk ${spec.watch}` : `the link to ${spec.watch}`} for more than ${rate(spec.thresholdBytesPerSec)}.`;
    case 'rate-limiter':
      return `${needs}; limits a link to ${rate(spec.linkLimitBytesPerSec)}, a target to ${rate(spec.targetLimitBytesPerSec)}, blocks for ${span(spec.blockTtlMs)}.`;
    case 'anomaly-detection':
    case 'classifier':
      return `${needs}.`;
    default:
      return spec satisfies never;
  }
}

function usersInWords(group: UserGroup): string {
  const stay = group.startMs === undefined ? '' : ` from ${span(group.startMs)}`;
  const until = group.stopMs === undefined ? '' : ` until ${span(group.stopMs)}`;
  const who = `${group.name}: ${group.count} at ${list(group.at)}${stay}${until}`;
  switch (group.behaviour) {
    case 'page':
      return `${who} ask ${group.target} for pages, with ${span(group.thinkMs)} between two on average.`;
    case 'video':
      return `${who} watch video from ${group.target}, ${group.chunkBytes} bytes every ${span(group.chunkMs)}.`;
    case 'upload':
      return `${who} upload ${group.uploadBytes} bytes at a time to ${group.target}.`;
    case 'rapid':
      return `${who} open ${group.connectionsPerSec} connections a second to ${group.target}, each a real request.`;
    default:
      return group satisfies never;
  }
}

function attackInWords(attack: AttackSpec): string {
  const rates = attack.ratesPps;
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const each = low === high ? `${low} SYN/s each` : `${low} to ${high} SYN/s`;
  const pulse =
    attack.pulse === undefined ? '' : `, ${span(attack.pulse.onMs)} on and ${span(attack.pulse.offMs)} off`;
  return `${attack.name}: ${count(rates.length, 'source')} flood ${attack.target} with SYNs, ${each}, from ${span(attack.startMs)} for ${span(attack.durationMs)}${pulse}.`;
}

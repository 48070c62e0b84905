import type { NodeProps } from '@xyflow/react';
import { Handle, Position } from '@xyflow/react';
import { memo } from 'react';
import type { NetworkAgent, NetworkHost, Share } from '../../data/network/network.ts';
import { many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { PlacedName } from '../../parts/placed-name.tsx';
import { partOfAll, ShareBar } from '../../parts/share-bar.tsx';
import type { FlowHop } from './flows.ts';
import type { HostNode, JointNode, SiteNode } from './map-boxes.ts';

const MOST_SHOWN = 4;
const MOST_AGENTS = 2;

export const SiteBoxNode = memo(({ data: { site, level, inside, hops } }: NodeProps<SiteNode>) => {
  const { name, hosts, silent } = site;
  const agents = hosts.flatMap((host) => host.agents);
  const placed = hosts.reduce((sum, host) => sum + host.placed.length, 0);
  const amiss = agents.filter((each) => each.trust !== undefined && each.trust !== 'attested').length;
  const trouble = silent || amiss > 0;
  return (
    <div className={`map-site ${trouble ? 'amiss' : ''} level-${level}`}>
      <Ends />
      <PlaceLink kind="site" name={name} className="nopan map-name" sign={trouble ? '▲ ' : ''} />
      {level === 0 ? (
        <div className="map-counts">
          <span>
            {many(hosts.length, 'host')}, {placed} placed
          </span>
          <span>
            {many(agents.length, 'agent')}
            {amiss === 0 ? '' : `, ▲ ${amiss} not attested`}
          </span>
          {silent ? <span>▲ silent</span> : null}
          {inside === '' ? null : <span>{inside}</span>}
          {hops.length === 0 ? null : (
            <span className="map-hop">hops {hops.map(({ step }) => step).join(', ')}</span>
          )}
        </div>
      ) : silent ? (
        <span className="map-counts">▲ its daemon does not answer</span>
      ) : null}
    </div>
  );
});

export const HostBoxNode = memo(({ data: { host, level, hops } }: NodeProps<HostNode>) => (
  <div className={`map-host level-${level} ${hops.length === 0 ? '' : 'on-way'}`}>
    <Ends />
    <PlaceLink kind="host" name={host.name} className="nopan map-name" />
    <Load name="CPU" share={host.vcpus} />
    <Load name="memory" share={host.memoryMib} />
    {level === 1 ? <Counts host={host} hops={hops} /> : <Inhabitants host={host} hops={hops} />}
  </div>
));

function Counts({
  host: { placed, agents },
  hops,
}: {
  readonly host: NetworkHost;
  readonly hops: readonly FlowHop[];
}) {
  const amiss = agents.some(({ trust }) => trust !== undefined && trust !== 'attested');
  return (
    <span>
      {placed.length} placed, {many(agents.length, 'agent')}
      {amiss ? ' ▲' : ''}
      {hops.length === 0 ? '' : `, hop ${hops.map(({ step }) => step).join(', ')}`}
    </span>
  );
}

function Inhabitants({
  host: { name, placed, agents },
  hops,
}: {
  readonly host: NetworkHost;
  readonly hops: readonly FlowHop[];
}) {
  const shown = placed.slice(0, MOST_SHOWN);
  const acting = agents.slice(0, MOST_AGENTS);
  const more = placed.length + agents.length - shown.length - acting.length;
  return (
    <ul className="map-list">
      {acting.map((agent) => (
        <li key={agent.name}>
          <ViewLink to={`/agents/${encodeURIComponent(agent.name)}`} className="nopan">
            {agent.name}
          </ViewLink>{' '}
          {trustInWords(agent)}
        </li>
      ))}
      {shown.map((each) => {
        const steps = hops.filter(({ id }) => id === each.id).map(({ step }) => step);
        return (
          <li key={each.id}>
            {steps.length === 0 ? null : <span className="map-hop">{steps.join(', ')}</span>}
            <PlacedName placed={each} />
          </li>
        );
      })}
      {more > 0 ? (
        <li>
          {more} more: <PlaceLink kind="host" name={name} className="nopan" />
        </li>
      ) : null}
    </ul>
  );
}

export function trustInWords({ trust }: NetworkAgent): string {
  return trust === undefined ? '' : trust === 'attested' ? '✓ attested' : `▲ ${trust}`;
}

export const JointBoxNode = memo(({ data: { name, kind } }: NodeProps<JointNode>) => (
  <div
    className={`map-joint ${kind}`}
    title={kind === 'access' ? 'users and attackers come in here' : 'a switch'}
  >
    <Ends />
    {kind === 'access' ? '⇥ ' : '◈ '}
    {name}
  </div>
));

function Load({ name, share }: { readonly name: string; readonly share: Share }) {
  const part = partOfAll(share);
  return <ShareBar part={part}>{`${name} ${Math.round(part * 100)} %`}</ShareBar>;
}

/** Edges go from middle to middle, below the boxes. */
function Ends() {
  return (
    <>
      <Handle type="source" position={Position.Top} isConnectable={false} />
      <Handle type="target" position={Position.Top} isConnectable={false} />
    </>
  );
}

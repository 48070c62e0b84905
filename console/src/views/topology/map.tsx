import type { Edge, ReactFlowInstance } from '@xyflow/react';
import { Controls, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from '@xyflow/react';
import type { CSSProperties } from 'react';
import { useEffect, useMemo, useRef } from 'react';
import '@xyflow/react/dist/base.css';
import type { Network } from '../../data/network/network.ts';
import type { Rates } from '../../data/network/rates.ts';
import type { FlowHop } from './flows.ts';
import { isSameList, kept, keptEdges } from './kept-nodes.ts';
import type { Level, MapNode } from './map-boxes.ts';
import { mapEdges, mapNodes } from './map-elements.ts';
import { HostBoxNode, JointBoxNode, SiteBoxNode } from './map-nodes.tsx';
import { type Box, HOST, layOut, type SiteBox } from './site-layout.ts';

interface Props {
  readonly network: Network;
  readonly rates: Rates;
  readonly hops: readonly FlowHop[];
  /** A site or a host that is looked at; undefined: all. */
  readonly focus: { readonly kind: 'site' | 'host'; readonly name: string } | undefined;
}

const TYPES = { site: SiteBoxNode, host: HostBoxNode, joint: JointBoxNode };
/** Widths of a host on the screen from which it, and what runs on it, can be read: px. */
const HOST_FROM = 100;
const INHABITANTS_FROM = 200;
const GLIDE_MS = 300;

/** The map; nearer, more of it is drawn, and only of what is in sight. */
export function NetworkMap(props: Props) {
  return (
    <ReactFlowProvider>
      <Inner {...props} />
    </ReactFlowProvider>
  );
}

function Inner({ network, rates, hops, focus }: Props) {
  const shape = useMemo(() => shapeOf(network), [network]);
  // Who comes and goes moves nothing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape says all that the layout depends on
  const boxes = useMemo(() => layOut(network), [shape]);
  const zoom = useStore(({ transform }) => stepOf(transform[2]));
  const level = levelAt(zoom);
  const picture = useMemo(
    () => ({ network, boxes, level, rates, hops }),
    [network, boxes, level, rates, hops],
  );
  const drawn = useRef<MapNode[]>([]);
  const joined = useRef<Edge[]>([]);
  // The same array where nothing has changed: then nothing of the map is drawn anew.
  const nodes = useMemo(() => {
    const next = kept(mapNodes(picture), drawn.current);
    if (!isSameList(next, drawn.current)) drawn.current = [...next];
    return drawn.current;
  }, [picture]);
  const edges = useMemo(() => {
    const next = keptEdges(mapEdges(picture), joined.current);
    if (!isSameList(next, joined.current)) joined.current = [...next];
    return joined.current;
  }, [picture]);
  const flow = useReactFlow<MapNode>();
  useFocus(flow, boxes, focus);
  // The types of React know no variables of style sheets.
  const style = { '--map-text': `${textAt(zoom)}px` } as CSSProperties;
  return (
    <div className="map" style={style}>
      <ReactFlow<MapNode>
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        onInit={(made) => look(made, boxes, focus, 0)}
        minZoom={0.01}
        maxZoom={2}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        aria-label="Map of the network. The tables below say the same in words."
      >
        <Controls showInteractive={false} fitViewOptions={{ duration: GLIDE_MS }} />
      </ReactFlow>
    </div>
  );
}

function useFocus(
  flow: ReactFlowInstance<MapNode>,
  boxes: ReadonlyMap<string, SiteBox>,
  focus: Props['focus'],
): void {
  const now = useRef({ flow, boxes });
  now.current = { flow, boxes };
  const name = focus === undefined ? '' : `${focus.kind} ${focus.name}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it glides when another is looked at or the layout is another, not whenever something is told
  useEffect(() => look(now.current.flow, now.current.boxes, focus, GLIDE_MS), [name, boxes]);
}

function look(
  flow: ReactFlowInstance<MapNode>,
  boxes: ReadonlyMap<string, SiteBox>,
  focus: Props['focus'],
  duration: number,
): void {
  const box = boxOf(boxes, focus);
  if (box === undefined) return;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  void flow.fitBounds(box, { padding: focus === undefined ? 0.04 : 0.3, duration: still ? 0 : duration });
}

function boxOf(boxes: ReadonlyMap<string, SiteBox>, focus: Props['focus']): Box | undefined {
  if (focus?.kind === 'site') return boxes.get(focus.name);
  if (focus?.kind === 'host') {
    for (const site of boxes.values()) {
      const host = site.hosts.get(focus.name);
      if (host !== undefined) return { ...host, x: site.x + host.x, y: site.y + host.y };
    }
  }
  const all = [...boxes.values()];
  if (all.length === 0) return undefined;
  const [x, y] = [Math.min(...all.map((each) => each.x)), Math.min(...all.map((each) => each.y))];
  return {
    x,
    y,
    width: Math.max(...all.map((each) => each.x + each.width)) - x,
    height: Math.max(...all.map((each) => each.y + each.height)) - y,
  };
}

function levelAt(zoom: number): Level {
  const width = HOST.width * zoom;
  return width < HOST_FROM ? 0 : width < INHABITANTS_FROM ? 1 : 2;
}

/** Steps of zoom at which something is drawn otherwise: in between the picture is only scaled. */
function stepOf(zoom: number): number {
  return 1.25 ** Math.floor(Math.log(zoom) / Math.log(1.25));
}

/** Letters keep their size on the screen, about. */
function textAt(zoom: number): number {
  return Math.round(Math.max(12, 12 / zoom));
}

/** Changes when something else has to be laid out. */
function shapeOf({ sites, links }: Network): string {
  const places = sites.map(
    ({ name, hosts, switches }) => `${name}:${hosts.map((each) => each.name).join()}:${switches.join()}`,
  );
  return `${places.join(';')}|${links.map(({ id }) => id).join()}`;
}

import type { AttestationRing, RingMember } from '../../../../src/core/ledger/attestation-ring.ts';
import { STATUS_SIGNS, wentOf } from './words.ts';

const SIZE = 540;
/** Room for names at both sides. */
const ASIDE = 70;
const MIDDLE = SIZE / 2;
const RADIUS = 180;
/** Names of more than these would lie over one another. */
const MOST_NAMES = 48;
const NAME_CHARS = 14;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Who measured whom last: an arrow from each verifier to whom it measured, the newest strong, those of the registry from the middle. */
export function RingDrawing({ ring: { members, newest } }: { readonly ring: AttestationRing }) {
  const places = new Map(members.map(({ name }, index) => [name, placeOf(index, members.length)]));
  const size = Math.max(5, Math.min(22, (2.2 * RADIUS) / members.length));
  const middle = { x: MIDDLE, y: MIDDLE };
  return (
    <svg
      className="ring"
      viewBox={`${-ASIDE} 0 ${SIZE + 2 * ASIDE} ${SIZE}`}
      role="img"
      aria-label="Who measured whom last. The table beside it has the same in words."
    >
      <defs>
        <marker
          id="ring-head"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0 0 L8 4 L0 8 z" className="ring-head" />
        </marker>
      </defs>
      <circle cx={MIDDLE} cy={MIDDLE} r={RADIUS} className="ring-line" />
      <circle cx={MIDDLE} cy={MIDDLE} r={36} className="ring-node registry" />
      <text x={MIDDLE} y={MIDDLE + 4} className="ring-sign">
        registry
      </text>
      {members.map((member) => (
        <Arrows
          key={member.name}
          member={member}
          from={(name) => places.get(name) ?? middle}
          to={places.get(member.name) ?? middle}
          gap={size}
          isNewest={member.name === newest}
        />
      ))}
      {members.map((member, index) => (
        <Node
          key={member.name}
          member={member}
          place={placeOf(index, members.length)}
          size={size}
          isNamed={members.length <= MOST_NAMES || member.isRoot || member.isNext || member.name === newest}
        />
      ))}
    </svg>
  );
}

function placeOf(index: number, count: number, radius = RADIUS): Point {
  const angle = (2 * Math.PI * index) / count - Math.PI / 2;
  return { x: MIDDLE + radius * Math.cos(angle), y: MIDDLE + radius * Math.sin(angle) };
}

interface ArrowsProps {
  readonly member: RingMember;
  from(name: string): Point;
  readonly to: Point;
  readonly gap: number;
  readonly isNewest: boolean;
}

function Arrows({ member: { round }, from, to, gap, isNewest }: ArrowsProps) {
  if (round === undefined) return null;
  const went = wentOf(round);
  return round.verifiers.map((verifier) => {
    const start = from(verifier);
    const length = Math.hypot(to.x - start.x, to.y - start.y) || 1;
    const along = (at: number): Point => ({
      x: start.x + ((to.x - start.x) * at) / length,
      y: start.y + ((to.y - start.y) * at) / length,
    });
    const [tail, head] = [along(Math.min(gap + 4, length / 3)), along(length - gap - 4)];
    // Bent to the middle: neighbours' arrows do not lie on the ring's own line.
    const bend = {
      x: ((tail.x + head.x) / 2) * 0.82 + MIDDLE * 0.18,
      y: ((tail.y + head.y) / 2) * 0.82 + MIDDLE * 0.18,
    };
    return (
      <path
        key={verifier}
        className={`ring-arrow ${went} ${isNewest ? 'newest' : ''}`}
        d={`M${tail.x} ${tail.y} Q${bend.x} ${bend.y} ${head.x} ${head.y}`}
        markerEnd="url(#ring-head)"
      />
    );
  });
}

interface NodeProps {
  readonly member: RingMember;
  readonly place: Point;
  readonly size: number;
  readonly isNamed: boolean;
}

function Node({ member: { name, status, isRoot, isNext }, place, size, isNamed }: NodeProps) {
  const out = { x: place.x - MIDDLE, y: place.y - MIDDLE };
  const scale = (RADIUS + size + (isNext ? 18 : 12)) / RADIUS;
  const label = { x: MIDDLE + out.x * scale, y: MIDDLE + out.y * scale };
  const anchor = Math.abs(out.x) < 30 ? 'middle' : out.x > 0 ? 'start' : 'end';
  const short = name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS - 1)}…` : name;
  const said = [isRoot ? '◆ root of trust' : '', isNext ? 'next' : ''].filter((each) => each !== '');
  return (
    <g>
      {isNext ? <circle cx={place.x} cy={place.y} r={size + 5} className="ring-next" /> : null}
      <circle cx={place.x} cy={place.y} r={size} className={`ring-node ${status}`} />
      {size < 9 ? null : (
        <text x={place.x} y={place.y + 5} className="ring-sign">
          {STATUS_SIGNS[status] ?? '○'}
        </text>
      )}
      {isNamed ? (
        <text
          x={label.x}
          y={label.y + (out.y > 0 ? 8 : out.y < -0.8 * RADIUS ? (said.length > 0 ? -24 : -6) : 4)}
          textAnchor={anchor}
          className="ring-name"
        >
          {short}
          {said.length === 0 ? null : (
            <tspan x={label.x} dy="1.1em" className="ring-said">
              {said.join(', ')}
            </tspan>
          )}
        </text>
      ) : null}
    </g>
  );
}

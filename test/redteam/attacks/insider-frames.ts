import type { Row } from '../row.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';

/** As in `programs/insider.ts`. */
const INSIDERS = ['a2', 'a4', 'a6'];
const ATTACKER = 'an attested agent with valid keys (changed copy of the agent)';

/** Each frame that an insider sends is followed by others; `word`: why a receiver refuses it. */
const FRAMES = [
  { id: 'frames-replayed', attack: 'frames replayed', did: 'sent each frame twice', word: 'replayed' },
  {
    id: 'frames-misdirected',
    attack: 'frames sent to somebody else',
    did: 'sent each frame to another agent too',
    word: 'not-for-us',
  },
  {
    id: 'frames-bent',
    attack: 'frames changed by their sender after sealing',
    did: 'turned over a bit and signed again',
    word: 'not-authentic',
  },
  {
    id: 'frames-epoch',
    attack: 'frames of another epoch',
    did: 'named the next epoch in the header, signed',
    word: 'wrong-epoch',
  },
  {
    id: 'frames-forged',
    attack: 'frames forged by an insider',
    did: "sealed in the name of a7 with the group's key, signed with its own",
    word: 'bad-signature',
  },
];

/** What receivers have said of the frames of insiders. */
export function frameRows(pipeline: RunningPipeline): readonly Row[] {
  const control = controlOf(pipeline);
  const rows = FRAMES.map(({ word, ...row }): Row => {
    const refused = linesWith(pipeline, `frame refused: ${word}`);
    const taken = linesWith(pipeline, `frame taken: ${word}`);
    const rest = { attacker: ATTACKER, expected: 'prevented' as const, control };
    if (taken > 0) return { ...row, ...rest, outcome: 'undetected', what: `receivers took ${taken} of them` };
    if (refused === 0) return { ...row, ...rest, outcome: 'not tried', what: 'nobody refused or took one' };
    return { ...row, ...rest, outcome: 'prevented', what: `receivers refused ${refused}: ${word}` };
  });
  return [...rows, { ...reordered(pipeline), control }];
}

/** Frames out of order are what a network does: they are taken, once each, as long as they are not too late. */
function reordered(pipeline: RunningPipeline): Row {
  const times = (late: number): number =>
    pipeline.entries.filter(
      ({ kind, direction, peer, conversation }) =>
        kind === 'message' && direction === 'received' && conversation === `${peer}:late-${late}`,
    ).length;
  const [first, late, tooLate] = [times(600), times(500), times(300)];
  const held = tooLate === 0 && late <= first && late > 0;
  return {
    id: 'frames-reordered',
    attack: 'frames reordered',
    attacker: ATTACKER,
    did: 'on one link of each insider, sent its frame number n + 600, then n + 500 twice, then n + 300, all properly sealed and signed',
    expected: 'prevented',
    outcome: first === 0 ? 'not tried' : held ? 'prevented' : 'undetected',
    what: `on ${first} links: frames that were 100 late were read ${late} times, each of them sent twice; those that were 300 late ${tooLate} times: the window is 256 wide`,
  };
}

function controlOf(pipeline: RunningPipeline): NonNullable<Row['control']> {
  const read = pipeline.entries.filter(
    ({ kind, direction, peer, conversation }) =>
      kind === 'message' &&
      direction === 'received' &&
      INSIDERS.includes(peer ?? '') &&
      conversation?.includes(':late-') !== true,
  ).length;
  return {
    did: `the frames of the same agents as they were sealed: their receivers read ${read}`,
    asExpected: read > 0,
  };
}

function linesWith(pipeline: RunningPipeline, text: string): number {
  return pipeline
    .log()
    .split('\n')
    .filter((line) => line.includes(text)).length;
}

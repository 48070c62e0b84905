import type { Row } from '../row.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';

const ATTACKER = 'an attested agent with valid keys (changed copy of the agent)';

/** An insider gives such a command after each of its own. */
const COMMANDS = [
  { id: 'commands-replayed', attack: 'commands replayed', reason: /given before/ },
  {
    id: 'commands-forged',
    attack: 'commands in the name of another agent or pipeline',
    reason: /another agent or pipeline/,
  },
  {
    id: 'commands-incarnation',
    attack: 'commands of another incarnation',
    reason: /is not the attested one/,
  },
  { id: 'commands-epoch', attack: 'commands of another epoch', reason: /it is of epoch/ },
  { id: 'commands-unsigned', attack: 'commands with a bad signature', reason: /signature is not/ },
];

/** What daemons, and whoever guards the rules, have said of the commands of insiders. */
export function commandRows(pipeline: RunningPipeline): readonly Row[] {
  const own = pipeline.entries.filter(
    ({ kind, rule, status }) => kind === 'action' && status === 'done' && rule?.includes(':of-a') === true,
  ).length;
  const control = {
    did: `commands of the same agents that are in order: ${own} were carried out`,
    asExpected: own > 0,
  };
  const rows = COMMANDS.map(({ id, attack, reason }): Row => {
    const refused = pipeline.entries.filter(
      (entry) => entry.fault === 'command-refused' && reason.test(entry.reason),
    );
    const [first] = refused;
    return {
      id,
      attack,
      attacker: ATTACKER,
      did: 'sent such a command after each of its own',
      expected: 'prevented',
      outcome: first === undefined ? 'undetected' : 'prevented',
      what:
        first === undefined
          ? 'the daemon refused none'
          : `the daemon refused ${refused.length}: ${first.reason}`,
      control,
    };
  });
  return [...rows, { ...meddling(pipeline), control }];
}

/** Each insider has set a rule of its own; the others have tried to take it away. */
function meddling(pipeline: RunningPipeline): Row {
  const about = pipeline.entries.filter(
    ({ kind, rule, action }) =>
      kind === 'action' && (rule?.includes(':of-a') === true || action === 'adopt-rules'),
  );
  const set = about.filter(({ action, status }) => action === 'limit-link' && status === 'done');
  const refused = about.filter(
    ({ status, reason }) => status === 'failed' && /is a rule of a\d/.test(reason),
  );
  // A rule is removed, or set by somebody else, only by commands that name it after it was set by its owner.
  const harmed = set.flatMap(({ rule, atMs }) =>
    about.filter(
      (each) =>
        each.rule === rule &&
        each.atMs > atMs &&
        each.status === 'done' &&
        (each.action === 'limit-link' || each.detail?.['award'] === undefined),
    ),
  );
  const names = pipeline.entries.filter(
    ({ fault, reason }) => fault === 'award-refused' && reason.includes('is not an award of'),
  );
  const held = set.length > 0 && harmed.length === 0 && refused.length > 0 && names.length > 0;
  return {
    id: 'rules-of-others',
    attack: "an attested agent removes, replaces or adopts another's rule",
    attacker: ATTACKER,
    did: 'set a rule of its own, and then tried to remove, replace and adopt those of others, with and without naming their awards, and to give awards in their name',
    expected: 'prevented',
    outcome: held ? 'prevented' : set.length > 0 && harmed.length > 0 ? 'undetected' : 'not tried',
    what: held
      ? `${refused.length} commands were refused (${refused[0]?.reason}), and ${names.length} awards in the name of another`
      : `${set.length} rules were set, ${harmed.length} commands of others changed them`,
  };
}

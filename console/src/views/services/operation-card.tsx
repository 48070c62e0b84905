import type { Operation, Step } from '../../../../src/protocol/operation-record.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import type { OperationVerb } from './do-to-service.ts';
import { steer } from './do-to-service.ts';
import { fareOfOperation, isGoingOn } from './service-words.ts';
import { ToldBadge } from './told-badge.tsx';

interface Props {
  readonly operation: Operation;
  again(): void;
}

/** One operation, step by step, and what an operator can have it do. */
export function OperationCard({ operation, again }: Props) {
  const { params, steps, errors, reason, automatic, cancelPending } = operation;
  const done = steps.filter(({ state }) => state === 'done' || state === 'undone').length;
  return (
    <section className="card wide" aria-label={`Operation ${params.kind}`}>
      <h2>
        {params.kind} <ToldBadge told={fareOfOperation(operation)} />
        {cancelPending ? ' stops after this step' : ''}
      </h2>
      <p className="about">
        {reason}
        {automatic ? ' (Muster began it by itself)' : ''}
      </p>
      <progress
        max={Math.max(1, steps.length)}
        value={done}
        aria-label={`${done} of ${steps.length} steps`}
      />
      <ol className="steps">
        {steps.map((step) => (
          <StepLine key={step.kind} step={step} />
        ))}
      </ol>
      {errors.length === 0 ? null : (
        <ul>
          {errors.map(({ atMs, step, message, mend, severity }) => (
            <li key={`${atMs} ${step} ${message}`}>
              <strong>
                {severity === 'error' ? '✗ ' : '▲ '}
                {step === null ? '' : `${step}: `}
                {message}
              </strong>{' '}
              {mend}
            </li>
          ))}
        </ul>
      )}
      <Steering operation={operation} again={again} />
    </section>
  );
}

const STEP_SIGNS: Readonly<Record<Step['state'], string>> = {
  waiting: '·',
  doing: '…',
  done: '✓',
  failed: '✗',
  undoing: '↺',
  undone: '↩',
};

function StepLine({
  step: { kind, state, about, attempts, startedAtMs, endedAtMs },
}: {
  readonly step: Step;
}) {
  const took =
    startedAtMs === null || endedAtMs === null ? '' : `, ${((endedAtMs - startedAtMs) / 1000).toFixed(2)} s`;
  return (
    <li
      className={`step ${state}`}
      {...(state === 'doing' || state === 'undoing' ? { 'aria-current': 'step' } : {})}
    >
      <span aria-hidden="true">{STEP_SIGNS[state]}</span> <strong>{kind}</strong> ({state}
      {attempts > 1 ? `, ${attempts} attempts` : ''}
      {took}) {about}
    </li>
  );
}

interface Way {
  readonly verb: OperationVerb;
  readonly label: string;
  readonly about: string;
}

const WAITING: readonly Way[] = [
  { verb: 'retry', label: 'Retry', about: 'It goes on from the step that failed.' },
  {
    verb: 'rollback',
    label: 'Roll back',
    about:
      'What it has done is undone: the service is as it was before, unless units that were there have been stopped.',
  },
  {
    verb: 'fail',
    label: 'Give up',
    about: 'It stays as it is now; units that were to be started or stopped count as failed, and are healed.',
  },
];
const GOING_ON: readonly Way[] = [
  {
    verb: 'cancel',
    label: 'Cancel',
    about: 'It stops after the step that is being done, and waits for you.',
  },
];

function Steering({ operation, again }: Props) {
  const { id, params, serviceName, cancelPending } = operation;
  const ways =
    operation.state === 'FAILED_TEMP' ? WAITING : isGoingOn(operation) && !cancelPending ? GOING_ON : [];
  return (
    <div className="actions">
      {ways.map(({ verb, label, about }) => (
        <ActionButton
          key={verb}
          label={label}
          title={`${label}: ${params.kind} of ${serviceName}?`}
          confirm={label.toLowerCase()}
          command={`muster service operation ${verb} ${id}`}
          act={async () => {
            await steer(id, verb);
            again();
          }}
        >
          <p>{about}</p>
        </ActionButton>
      ))}
    </div>
  );
}

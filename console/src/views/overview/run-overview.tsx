import type { RunDetail } from '../../../../src/protocol/run-view.ts';
import { isOver } from '../../data/is-over.ts';
import { useAsked } from '../../data/use-asked.ts';
import { reportCommand } from '../../parts/commands.ts';
import { clockTime, rate } from '../../parts/figures.ts';
import { Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { AttackTimeline } from './attack-timeline.tsx';
import { Figure } from './figure.tsx';
import { LastDecisions } from './last-decisions.tsx';

const EVERY_MS = 1000;

/** A run of a scenario: the attack, what was done about it, and whether it came out as expected. */
export function RunOverview({ id }: { readonly id: string }) {
  const { value, refused } = useAsked<RunDetail>(`/v1/runs/${encodeURIComponent(id)}`, EVERY_MS, isOver);
  return (
    <ViewFrame
      title={`Run ${id}`}
      about={value?.scenario?.title ?? 'A run of a scenario: the attack, and what was done about it.'}
      command={reportCommand(id)}
    >
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {value === undefined ? <Loading what="the run" /> : <Known detail={value} />}
    </ViewFrame>
  );
}

function Known({ detail }: { readonly detail: RunDetail }) {
  const { run, report } = detail;
  return (
    <>
      <p className={`health ${run.state === 'failed' ? 'unwell' : 'well'}`} role="status">
        {run.state === 'running'
          ? '● It is running: '
          : run.state === 'done'
            ? '✓ It has ended: '
            : `▲ ${run.state}: `}
        {run.note}
      </p>
      <div className="cards">
        <AttackTimeline detail={detail} />
        {report === null ? null : <Outcome report={report} />}
        {report === null ? null : <Expectations report={report} />}
        <LastDecisions />
      </div>
    </>
  );
}

type Report = NonNullable<RunDetail['report']>;

function Outcome({ report: { mitigation, legitimate, auctions, messages } }: { readonly report: Report }) {
  const time = (ms: number | null) => (ms === null ? 'never' : clockTime(ms));
  const bytes = (value: number | null) => (value === null ? 'none' : rate(value));
  return (
    <section className="card">
      <h2>What came of it</h2>
      <dl className="figures">
        <Figure name="detected" value={time(mitigation.detectedMs)} />
        <Figure name="link limited" value={time(mitigation.firstLinkLimitMs)} />
        <Figure name="target limited" value={time(mitigation.firstTargetLimitMs)} />
        <Figure name="all sources blocked" value={time(mitigation.allSourcesBlockedMs)} />
        <Figure name="blocked wrongly" value={mitigation.falsePositives} />
        <Figure name="users' goodput before" value={bytes(legitimate.goodputBefore)} />
        <Figure name="and after" value={bytes(legitimate.goodputAfter)} />
        <Figure name="auctions" value={auctions} />
        <Figure name="messages" value={messages} />
      </dl>
    </section>
  );
}

function Expectations({ report: { expectations } }: { readonly report: Report }) {
  return (
    <section className="card">
      <h2>As its scenario expects</h2>
      <ul>
        {expectations.map(({ name, expected, measured, met }) => (
          <li key={name}>
            <span className={`badge ${met ? 'good' : 'bad'}`}>{met ? '✓ met' : '✗ not met'}</span> {name}:{' '}
            {measured} <span className="about">(expected: {expected})</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { useState } from 'react';
import { useLocation } from 'wouter';
import type { RunOrder, RunView } from '../../../../src/protocol/run-view.ts';
import { ask, Refused } from '../../data/ask.ts';
import { useSession } from '../../data/session.ts';
import { closeJournal } from '../../data/source.ts';
import { useAsked } from '../../data/use-asked.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';

const EVERY_MS = 2000;

interface ScenarioRow {
  readonly name: string;
  readonly title: string;
  readonly durationMs: number;
  readonly users: number;
  readonly attackers: number;
}

type Order = Pick<RunOrder, 'plane' | 'defence' | 'genuine' | 'seed'>;

const MOST_SEED = 2 ** 31;

function isSeed(seed: number): boolean {
  return Number.isSafeInteger(seed) && seed >= 0 && seed <= MOST_SEED;
}

interface HowProps {
  readonly order: Order;
  onChange(order: Order): void;
}

/** What the scenarios below are run with. */
function HowToRun({ order, onChange }: HowProps) {
  return (
    <fieldset className="filters">
      <legend>Run them</legend>
      <label>
        on
        <select
          value={order.plane}
          onChange={({ target }) =>
            onChange({ ...order, plane: target.value === 'linux' ? 'linux' : 'twin' })
          }
        >
          <option value="twin">the twin: a model, touches nothing</option>
          <option value="linux">real packets, between namespaces of this machine (as root)</option>
        </select>
      </label>
      <label>
        with the defence
        <select
          value={order.defence}
          onChange={({ target }) => onChange({ ...order, defence: target.value === 'off' ? 'off' : 'on' })}
        >
          <option value="on">on</option>
          <option value="off">off: what the attack does by itself</option>
        </select>
      </label>
      <NumberField
        name="seed"
        value={order.seed}
        min={0}
        max={MOST_SEED}
        onChange={(seed) => onChange({ ...order, seed: seed === '' ? Number.NaN : Number(seed) })}
      />
      <label>
        <span>
          <input
            type="checkbox"
            checked={order.genuine}
            onChange={() => onChange({ ...order, genuine: !order.genuine })}
          />{' '}
          each agent a process of its own, attested by its peers (takes some 20 s longer)
        </span>
      </label>
    </fieldset>
  );
}

/** Scenarios that come with Muster, to be run and watched, and the runs that there are. */
export function Scenarios() {
  const { value: scenarios, refused } = useAsked<readonly ScenarioRow[]>('/v1/scenarios');
  const runs = useAsked<readonly RunView[]>('/v1/runs', EVERY_MS);
  const [, navigate] = useLocation();
  const [trouble, setTrouble] = useState<Refused>();
  const [order, setOrder] = useState<Order>({ plane: 'twin', defence: 'on', genuine: false, seed: 1 });
  const mayRun = useSession()?.role === 'operator';
  const isBusy = runs.value?.some(({ state }) => state === 'running') === true;
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
      setTrouble(undefined);
    } catch (error) {
      setTrouble(error instanceof Refused ? error : new Refused(0, String(error), ''));
    }
    runs.again();
  };
  const start = (scenario: string, how: Order, more = '') =>
    attempt(async () => {
      const { id } = await ask<RunView>('/v1/runs', { method: 'POST', body: { scenario, ...how } });
      closeJournal();
      navigate(`/?source=${encodeURIComponent(id)}${more}`);
    });
  const stop = async (id: string) => {
    await ask(`/v1/runs/${encodeURIComponent(id)}/stop`, { method: 'POST' });
    runs.again();
  };
  return (
    <ViewFrame
      title="Scenarios"
      about="Run an attack beside what is up, in the twin or on real packets, and watch it being fought."
      command="muster scenario list"
    >
      {[refused, runs.refused, trouble].map((each) =>
        each === undefined ? null : <RefusedNote key={each.message} refused={each} />,
      )}
      <section className="card">
        <h2>Guided tour: an attack, from its first packet to the last block</h2>
        <p>
          A flood on a web server is run in the twin, and each step of its defence is shown where it happens,
          in plain words. Nothing of what is up is touched.
        </p>
        <button
          type="button"
          className="main"
          disabled={!mayRun || isBusy}
          onClick={() => void start('demo', { ...order, plane: 'twin', defence: 'on' }, '&tour=0')}
        >
          start the tour
        </button>
        {mayRun ? null : <p className="about">Running a scenario is for operators.</p>}
      </section>
      <HowToRun order={order} onChange={setOrder} />
      {scenarios === undefined ? (
        <Loading what="the scenarios" />
      ) : (
        <DataTable
          caption="Scenarios"
          rows={scenarios}
          keyOf={({ name }) => name}
          empty="There are no scenarios here."
          columns={[
            { name: 'scenario', cell: ({ name }) => name, value: ({ name }) => name },
            { name: 'what it is about', cell: ({ title }) => title },
            {
              name: 'seconds',
              number: true,
              cell: ({ durationMs }) => durationMs / 1000,
              value: ({ durationMs }) => durationMs,
            },
            { name: 'users', number: true, cell: ({ users }) => users, value: ({ users }) => users },
            {
              name: 'attackers',
              number: true,
              cell: ({ attackers }) => attackers,
              value: ({ attackers }) => attackers,
            },
            {
              name: 'run',
              cell: ({ name }) => (
                <button
                  type="button"
                  title={mayRun ? (isBusy ? 'one run at a time' : '') : 'for operators'}
                  disabled={!mayRun || isBusy || !isSeed(order.seed)}
                  onClick={() => void start(name, order)}
                >
                  run {name}
                </button>
              ),
            },
          ]}
        />
      )}
      <h2>Runs</h2>
      <DataTable
        caption="Runs, the newest first"
        rows={runs.value ?? []}
        keyOf={({ id }) => id}
        empty="Nothing has been run here yet."
        page={20}
        columns={[
          {
            name: 'run',
            cell: ({ id }) => (
              <button type="button" onClick={() => navigate(`/?source=${encodeURIComponent(id)}`)}>
                look at {id}
              </button>
            ),
            value: ({ id }) => id,
          },
          { name: 'state', cell: ({ state }) => state, value: ({ state }) => state },
          { name: 'how it fares', cell: ({ note }) => note },
          {
            name: 'stop',
            cell: ({ id, state }) =>
              state === 'running' ? (
                <ActionButton
                  label="Stop"
                  about={id}
                  title={`Stop ${id}?`}
                  confirm="stop it"
                  act={() => stop(id)}
                >
                  <p>The run ends where it is, without a report. What is up goes on.</p>
                </ActionButton>
              ) : null,
          },
        ]}
      />
    </ViewFrame>
  );
}

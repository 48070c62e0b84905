import type { Status } from '../../../../src/protocol/up-status.ts';
import { useAsked } from '../../data/use-asked.ts';
import { many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Alarms } from './alarms.tsx';
import { Blocked } from './blocked.tsx';
import { LastDecisions } from './last-decisions.tsx';
import { ThrownOut } from './thrown-out.tsx';

const EVERY_MS = 1000;

export function UpOverview() {
  const { value: status, refused } = useAsked<Status>('/v1/status', EVERY_MS);
  return (
    <ViewFrame title="Overview" about="Whether all is well, and if not, why." command="muster status">
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {status === undefined ? (
        refused === undefined ? (
          <Loading what="the status" />
        ) : null
      ) : (
        <Known status={status} />
      )}
    </ViewFrame>
  );
}

function Known({ status }: { readonly status: Status }) {
  return (
    <>
      <Health status={status} />
      <div className="cards">
        <Sites status={status} />
        <Trust status={status} />
        <ThrownOut />
        <Services status={status} />
        <LastDecisions />
        <Blocked />
      </div>
    </>
  );
}

function Health({ status }: { readonly status: Status }) {
  const { alarms, ready, agents, scenario, plane } = status;
  if (alarms.length > 0 || !ready) return <Alarms status={status} />;
  const attested = agents.filter((each) => each.status === 'attested').length;
  return (
    <p className="health well" role="status">
      ✓ All is well: {scenario} is up on the {plane} plane, and {many(attested, 'agent is', 'agents are')}{' '}
      attested.
    </p>
  );
}

function Sites({ status: { agents, processes } }: { readonly status: Status }) {
  const sites = new Map<string, Status['agents'][number][]>();
  for (const each of agents) sites.set(each.site, [...(sites.get(each.site) ?? []), each]);
  return (
    <section className="card">
      <h2>Sites and agents</h2>
      <ul>
        {[...sites].map(([site, here]) => (
          <li key={site}>
            {site}:{' '}
            {here.map(({ name, status }, at) => (
              <span key={name}>
                {at === 0 ? '' : ', '}
                <ViewLink to={`/agents/${name}`}>{name}</ViewLink>
                {status === 'attested' ? '' : ` (${status})`}
              </span>
            ))}
          </li>
        ))}
      </ul>
      <p className="about">
        Processes:{' '}
        {Object.entries(processes)
          .map(([name, pid]) => `${name} ${pid}`)
          .join(', ')}
      </p>
    </section>
  );
}

function Trust({ status: { epoch, ledger, rootOfTrust, agents } }: { readonly status: Status }) {
  const keyed = agents.filter((each) => each.keyed).length;
  return (
    <section className="card">
      <h2>Trust</h2>
      <dl className="figures">
        <Figure name="epoch of the group key" value={epoch} />
        <Figure name="agents with it" value={`${keyed} of ${agents.length}`} />
        <Figure name="block" value={ledger?.block ?? 'none'} />
        <Figure name="root of trust" value={rootOfTrust} />
      </dl>
    </section>
  );
}

function Services({ status: { services } }: { readonly status: Status }) {
  return (
    <section className="card">
      <h2>Services</h2>
      {services === null ? (
        <p className="about">Nobody manages services here: muster up --sites 4 does.</p>
      ) : (
        <dl className="figures">
          {Object.entries(services).map(([name, value]) =>
            typeof value === 'number' ? <Figure key={name} name={name} value={value} /> : null,
          )}
        </dl>
      )}
    </section>
  );
}

export function Figure({ name, value }: { readonly name: string; readonly value: string | number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

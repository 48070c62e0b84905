import type { Status } from '../../../../src/protocol/up-status.ts';
import { useAsked } from '../../data/use-asked.ts';
import { many } from '../../parts/figures.ts';
import { OfNow } from '../../parts/of-now.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Alarms } from './alarms.tsx';
import { Blocked } from './blocked.tsx';
import { Figure } from './figure.tsx';
import { LastDecisions } from './last-decisions.tsx';
import { ServicesCard } from './services-card.tsx';
import { SitesCard } from './sites-card.tsx';
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
        <Known status={status} isOld={refused !== undefined} />
      )}
    </ViewFrame>
  );
}

/** `isOld`: Muster does not answer by now. */
function Known({ status, isOld }: { readonly status: Status; readonly isOld: boolean }) {
  return (
    <>
      <OfNow />
      {isOld ? (
        <p className="health unwell">▲ Whether all is well is not known. Below is what was last heard.</p>
      ) : (
        <Health status={status} />
      )}
      <div className="cards">
        <SitesCard status={status} />
        <Trust status={status} />
        <ThrownOut />
        <ServicesCard status={status} />
        <LastDecisions />
        <Blocked />
      </div>
    </>
  );
}

function Health({ status }: { readonly status: Status }) {
  const { alarms, ready, agents, scenario, plane } = status;
  if (alarms.length > 0 || !ready) return <Alarms status={status} />;
  const attested = agents.filter((each) => each.status === 'attested');
  const unkeyed = attested.filter((each) => !each.keyed).length;
  return (
    <p className="health well" role="status">
      ✓ All is well: {scenario} is up on the {plane} plane, and{' '}
      {many(attested.length, 'agent is', 'agents are')} attested
      {unkeyed === 0 ? '' : `, ${unkeyed} of them about to get the group key`}.
    </p>
  );
}

function Trust({ status: { epoch, ledger, rootOfTrust, agents } }: { readonly status: Status }) {
  const keyed = agents.filter((each) => each.keyed).length;
  return (
    <section className="card">
      <h2>Trust</h2>
      <OfNow />
      <dl className="figures">
        <Figure name="epoch of the group key" value={epoch} />
        <Figure name="agents with it" value={`${keyed} of ${agents.length}`} />
        <Figure name="block" value={ledger?.block ?? 'none'} />
        <Figure name="root of trust" value={rootOfTrust} />
      </dl>
    </section>
  );
}

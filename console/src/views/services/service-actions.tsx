import { useState } from 'react';
import { useLocation } from 'wouter';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { ask } from '../../data/ask.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { many } from '../../parts/figures.ts';
import { useAddress, ViewLink } from '../../parts/link.tsx';
import { doToService } from './do-to-service.ts';
import { whyBusy, whyNotNow } from './service-words.ts';

interface Props {
  readonly service: ServiceInstance;
  again(): void;
}

/** What an operator can have done to a service as a whole. */
export function ServiceActions({ service, again }: Props) {
  const { id, name, state, shape } = service;
  const failed = shape.units.filter((unit) => unit.state === 'failed');
  const begin = (verb: 'instantiate' | 'heal' | 'update') => async () => {
    await doToService(id, verb, {});
    again();
  };
  const isThere = state === 'INSTANTIATED';
  return (
    <div className="actions">
      {isThere ? null : (
        <ActionButton
          label="Start"
          title={`Start ${name}?`}
          confirm="start it"
          unless={whyBusy(service)}
          act={begin('instantiate')}
        >
          <p>Its units are placed by auction, started and chained.</p>
        </ActionButton>
      )}
      <ActionButton
        label="Heal"
        title={`Heal ${name}?`}
        confirm="heal it"
        command={`muster service heal ${name}`}
        unless={whyNotNow(service)}
        act={begin('heal')}
      >
        <p>
          New units take the place of all that do not run
          {failed.length === 0
            ? '. All run now: nothing would be replaced.'
            : `: ${failed.map(({ unit }) => unit.id).join(', ')}.`}
        </p>
      </ActionButton>
      <ActionButton
        label="Update"
        title={`Update ${name}?`}
        confirm="update it"
        command={`muster service update ${name}`}
        unless={whyNotNow(service)}
        act={begin('update')}
      >
        <p>
          It runs after its packages as they are onboarded now. Units that would be ordered otherwise are
          replaced: the new ones run and are chained before the old ones stop.
        </p>
      </ActionButton>
      <ViewLink to="/packages" className="button">
        Apply a file …
      </ViewLink>
      {isThere || shape.units.length > 0 ? (
        <Terminate service={service} again={again} />
      ) : (
        <Forget service={service} />
      )}
    </div>
  );
}

function Terminate({ service, again }: Props) {
  const { id, name, shape } = service;
  const [remove, setRemove] = useState(false);
  return (
    <ActionButton
      label="Terminate"
      title={`Terminate ${name}?`}
      confirm="terminate it"
      command={`muster service terminate ${name}${remove ? ' --remove' : ''} --yes`}
      act={async () => {
        await doToService(id, 'terminate', { remove });
        again();
      }}
    >
      <p>
        {many(shape.units.length, 'unit')} of it {shape.units.length === 1 ? 'is' : 'are'} stopped,{' '}
        {many(shape.chains.length, 'chain')} taken away, and what is booked given back. Its flows are not
        carried any more.
      </p>
      <label>
        <input type="checkbox" checked={remove} onChange={() => setRemove(!remove)} /> forget it too, once
        nothing of it runs
      </label>
    </ActionButton>
  );
}

function Forget({ service: { id, name } }: { readonly service: ServiceInstance }) {
  const [, navigate] = useLocation();
  const address = useAddress();
  return (
    <ActionButton
      label="Forget"
      title={`Forget ${name}?`}
      confirm="forget it"
      command={`muster service terminate ${name} --remove --yes`}
      act={async () => {
        await ask(`/v1/services/${encodeURIComponent(id)}`, { method: 'DELETE' });
        navigate(address('/services'));
      }}
    >
      <p>Nothing of it runs. Its record and its operations are deleted; its packages stay.</p>
    </ActionButton>
  );
}

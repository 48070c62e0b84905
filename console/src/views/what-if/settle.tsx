import { useState } from 'react';
import { useLocation } from 'wouter';
import type { WhatIfApplied, WhatIfRemedy, WhatIfView } from '../../../../src/protocol/what-if.ts';
import { ask } from '../../data/ask.ts';
import { useSession } from '../../data/session.ts';
import { useAsked } from '../../data/use-asked.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { useAddress, ViewLink } from '../../parts/link.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';

interface Props {
  readonly view: WhatIfView;
  readonly path: string;
}

/** Thrown away, or prepared for in what is up. */
export function Settle({ view, path }: Props) {
  const [, navigate] = useLocation();
  const address = useAddress();
  const session = useSession();
  const [applied, setApplied] = useState<WhatIfApplied['applied']>();
  const throwAway = async () => {
    await ask(path, { method: 'DELETE' });
    navigate(address('/what-if'));
  };
  return (
    <>
      <div className="actions">
        <ActionButton
          label="Throw away"
          title={`Throw away what ${view.by} asked?`}
          confirm="throw it away"
          command={`muster what-if delete ${view.id}`}
          forViewers={session?.name === view.by}
          act={throwAway}
        >
          <p>What came of it, and both runs, are deleted. Nothing of what is up is touched.</p>
        </ActionButton>
        {view.result === null ? null : <ApplyButton view={view} path={path} onApplied={setApplied} />}
        {view.result === null ? null : (
          <>
            <ViewLink to="/" more={{ source: view.result.runs.changed }}>
              look at the changed run
            </ViewLink>
            <ViewLink to="/" more={{ source: view.result.runs.unchanged }}>
              look at the unchanged one
            </ViewLink>
          </>
        )}
      </div>
      {applied === undefined ? null : (
        <section className="card" aria-label="What was applied">
          <h2>What was applied</h2>
          <ul>
            {applied.map(({ service, change }) => (
              <li key={service}>
                <ViewLink to={`/services/${encodeURIComponent(service)}`}>{service}</ViewLink>: {change}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function ApplyButton({
  view,
  path,
  onApplied,
}: Props & { onApplied(applied: WhatIfApplied['applied']): void }) {
  const { value, refused } = useAsked<WhatIfRemedy>(`${path}/remedy`);
  const apply = async () => {
    const { applied } = await ask<WhatIfApplied>(`${path}/apply`, { method: 'POST', body: {} });
    onApplied(applied);
  };
  return (
    <ActionButton
      label="Apply"
      title="Prepare what is up for it?"
      confirm="apply it"
      command={`muster what-if apply ${view.id} --yes`}
      lacking={
        value === undefined
          ? 'It is being worked out.'
          : value.possible
            ? undefined
            : 'There is nothing to be applied.'
      }
      act={apply}
    >
      <p>This changes the live network, by the operations that services have anyway:</p>
      {value === undefined ? (
        refused === undefined ? (
          <Loading what="what would be done" />
        ) : (
          <RefusedNote refused={refused} />
        )
      ) : (
        <ul>
          {value.says.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
    </ActionButton>
  );
}

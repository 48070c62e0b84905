import { useState } from 'react';
import type { Block } from '../../../../src/protocol/operator-block.ts';
import { ask } from '../../data/ask.ts';
import { useAsked } from '../../data/use-asked.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { ViewLink } from '../../parts/link.tsx';
import { RefusedPart } from '../../parts/states.tsx';
import { Reason } from '../attestation/revoke-agent.tsx';

const EVERY_MS = 3000;
const OPERATOR = 'operator';
const USUAL_SECONDS = 300;
const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;

/** Addresses that are dropped now, by agents and by operators, who may block more and lift their own. */
export function Blocked() {
  const { value: blocks = [], refused, again } = useAsked<readonly Block[]>('/v1/blocks', EVERY_MS);
  return (
    <section className="card wide">
      <h2>Blocked addresses, now</h2>
      <RefusedPart refused={refused} />
      <DataTable
        caption="Blocked addresses"
        rows={blocks}
        keyOf={({ source, link, owner }) => `${source} ${link} ${owner}`}
        empty="Nobody is blocked. Agents block who attacks on links that they guard; an operator may block an address there with the button below."
        page={20}
        columns={[
          {
            name: 'address',
            cell: ({ source }) => (
              <ViewLink to="/journal" more={{ find: source }}>
                {source}
              </ViewLink>
            ),
            value: ({ source }) => source,
          },
          { name: 'on link', cell: ({ link }) => link, value: ({ link }) => link },
          { name: 'by', cell: ({ owner }) => owner, value: ({ owner }) => owner },
          {
            name: 'ends in',
            number: true,
            cell: ({ endsInSeconds }) => (endsInSeconds === null ? 'never' : `${endsInSeconds} s`),
            value: ({ endsInSeconds }) => endsInSeconds ?? Number.POSITIVE_INFINITY,
          },
          {
            name: 'lift',
            cell: ({ source, owner }) => (owner === OPERATOR ? <Lift source={source} again={again} /> : null),
          },
        ]}
      />
      <BlockAddress again={again} />
    </section>
  );
}

function Lift({ source, again }: { readonly source: string; again(): void }) {
  return (
    <ActionButton
      label="Lift"
      about={`the block of ${source}`}
      title={`Lift the block of ${source}?`}
      confirm="lift it"
      command={`muster block remove ${source}`}
      act={async () => {
        await ask(`/v1/blocks/${encodeURIComponent(source)}`, { method: 'DELETE' });
        again();
      }}
    >
      <p>What it sends is let through again, unless agents have blocked it too.</p>
    </ActionButton>
  );
}

function BlockAddress({ again }: { again(): void }) {
  const [source, setSource] = useState('');
  const [seconds, setSeconds] = useState(USUAL_SECONDS);
  const [reason, setReason] = useState('');
  const [address, why] = [source.trim(), reason.trim()];
  return (
    <ActionButton
      label="Block an address"
      title={ADDRESS.test(address) ? `Block ${address}?` : 'Block an address?'}
      confirm="block it"
      command={`muster block add ${ADDRESS.test(address) ? address : 'ADDRESS'} --seconds ${seconds} --reason '${why.replaceAll("'", '')}'`}
      lacking={lackingOf(address, seconds, why)}
      act={async () => {
        await ask('/v1/blocks', { method: 'POST', body: { source: address, seconds, reason: why } });
        again();
      }}
    >
      <p>
        Everything from it is dropped on every guarded link until the time is over. Agents do not lift it; the
        journal has it with your name.
      </p>
      <label>
        Address{' '}
        <input type="text" maxLength={15} value={source} onChange={({ target }) => setSource(target.value)} />
      </label>
      <label>
        Seconds{' '}
        <input
          type="number"
          min={1}
          max={86_400}
          value={seconds}
          onChange={({ target }) => setSeconds(Number(target.value))}
        />
      </label>
      <Reason value={reason} onChange={setReason} />
    </ActionButton>
  );
}

function lackingOf(address: string, seconds: number, why: string): string | undefined {
  if (!ADDRESS.test(address)) return 'Name the address first, e.g. 10.1.0.7.';
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400)
    return 'It takes 1 s to 86 400 s, a day.';
  return why === '' ? 'Say why: it stands in the journal, with your name.' : undefined;
}

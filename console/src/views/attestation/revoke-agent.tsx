import { useState } from 'react';
import { ask } from '../../data/ask.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';

/** Throws an agent of what is up out as it is now; asks why first. */
export function RevokeAgent({ agent }: { readonly agent: string }) {
  const [reason, setReason] = useState('');
  const why = reason.trim();
  return (
    <ActionButton
      label="Revoke"
      about={agent}
      title={`Revoke ${agent}?`}
      confirm="revoke it"
      command={`muster agent revoke ${agent} --reason '${why.replaceAll("'", '')}'`}
      lacking={why === '' ? 'Say why first: it stands on the ledger, with your name.' : undefined}
      act={async () => {
        await ask(`/v1/agents/${encodeURIComponent(agent)}/revoke`, {
          method: 'POST',
          body: { reason: why },
        });
      }}
    >
      <p>
        From the next block on nobody trusts it as it is now: its guard ends its process, the group gets a new
        key, and the others bargain for its roles. Its next incarnation is started from its signed image, and
        attested anew.
      </p>
      <Reason value={reason} onChange={setReason} />
    </ActionButton>
  );
}

/** Why an operator does something, in a few words. */
export function Reason({ value, onChange }: { readonly value: string; onChange(text: string): void }) {
  return (
    <label>
      Why{' '}
      <input type="text" maxLength={120} value={value} onChange={({ target }) => onChange(target.value)} />
    </label>
  );
}

import { useEffect, useState } from 'react';
import { ABSTAINS } from '../../../src/protocol/ledger.ts';
import { useAsked } from '../data/use-asked.ts';

/** What a verdict rests on: its text, held against the hash that stands in the ledger. */
export function Appraisal({ hash }: { readonly hash: string }) {
  // Nothing is kept of it, nor asked for.
  if (hash === ABSTAINS)
    return <p className="about">It abstained: there was not enough for a verdict in time.</p>;
  return <AppraisalText hash={hash} />;
}

function AppraisalText({ hash }: { readonly hash: string }) {
  const { value, refused } = useAsked<{ readonly text: string }>(`/v1/appraisals/${hash}`);
  const [fits, setFits] = useState<boolean>();
  const text = value?.text;
  useEffect(() => {
    if (text === undefined || crypto.subtle === undefined) return;
    let wanted = true;
    void crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)).then((digest) => {
      const own = Array.from(new Uint8Array(digest), (each) => each.toString(16).padStart(2, '0')).join('');
      if (wanted) setFits(`0x${own}` === hash);
    });
    return () => {
      wanted = false;
    };
  }, [text, hash]);
  if (refused !== undefined) return <p className="about">What it rests on: {refused.message}.</p>;
  if (text === undefined) return <p className="about">Asking what it rests on …</p>;
  return (
    <div>
      <p className="about">
        What it rests on
        {fits === undefined
          ? ', not held against its hash:'
          : fits
            ? ' (✓ its hash is that in the ledger):'
            : ' (✗ its hash is NOT that in the ledger):'}
      </p>
      <pre>{text}</pre>
    </div>
  );
}

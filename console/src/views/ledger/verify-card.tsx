import { useState } from 'react';
import type { LedgerBlock } from '../../../../src/protocol/ledger.ts';
import { Refused } from '../../data/ask.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { many } from '../../parts/figures.ts';
import { RefusedNote } from '../../parts/states.tsx';
import type { BrowserReport } from './verify/verify-in-browser.ts';

/** Has this browser recompute what it can of the ledger, and says what it has not looked at. */
export function VerifyCard({ shown }: { readonly shown: readonly LedgerBlock[] }) {
  const [progress, setProgress] = useState<string>();
  const [report, setReport] = useState<BrowserReport>();
  const [trouble, setTrouble] = useState<Refused>();
  const verify = async () => {
    setReport(undefined);
    setTrouble(undefined);
    setProgress('loading what it takes …');
    try {
      const { verifyInBrowser } = await import('./verify/verify-in-browser.ts');
      setReport(await verifyInBrowser({ shown, onProgress: setProgress }));
    } catch (error) {
      setTrouble(error instanceof Refused ? error : new Refused(0, `It cannot be verified: ${error}`, ''));
    }
    setProgress(undefined);
  };
  return (
    <section className="card wide" aria-labelledby="verify">
      <h2 id="verify">Can it be believed?</h2>
      <p className="about">
        This browser can fetch the blocks anew and compute for itself what their hashes, the signatures under
        the last checkpoint, and the journal's anchors ought to be.
      </p>
      <p>
        <button
          type="button"
          className="main"
          disabled={progress !== undefined}
          onClick={() => void verify()}
        >
          verify in this browser
        </button>{' '}
        <span role="status">{progress ?? ''}</span>
      </p>
      {trouble === undefined ? null : <RefusedNote refused={trouble} />}
      {report === undefined ? null : <Report report={report} />}
    </section>
  );
}

function Report({ report: { checks, findings, upTo, operator, open } }: { readonly report: BrowserReport }) {
  const well = findings.length === 0;
  return (
    <>
      <p className={`health ${well ? 'well' : 'unwell'}`} role="status">
        {well
          ? `✓ Everything fits, up to block ${upTo}.`
          : `✗ It does not stand up: ${many(findings.length, 'finding')}.`}
      </p>
      {well ? null : (
        <DataTable
          caption="What does not fit"
          rows={findings.map((each, index) => ({ ...each, index }))}
          keyOf={({ index }) => String(index)}
          empty=""
          page={20}
          columns={[
            { name: 'check', cell: ({ check }) => check, value: ({ check }) => check },
            { name: 'at', cell: ({ at }) => at },
            { name: 'what', cell: ({ what }) => what },
          ]}
        />
      )}
      <DataTable
        caption="What this browser has computed"
        rows={checks}
        keyOf={({ check }) => check}
        empty=""
        columns={[
          { name: 'check', cell: ({ check }) => check },
          { name: 'what was looked at', cell: ({ about }) => about },
          { name: 'examined', number: true, cell: ({ examined }) => examined },
          {
            name: 'outcome',
            cell: ({ findings: found }) =>
              found === 0 ? (
                <span className="badge good">✓ fits</span>
              ) : (
                <span className="badge bad">✗ {found}</span>
              ),
          },
        ]}
      />
      <p className="about">
        Not looked at here: who signed each transaction, whether challenges, evidence, bindings, verdicts,
        draws of verifiers, revocations and epochs are what the contracts must have checked. That is done by{' '}
        <code>muster ledger verify</code>. The operator is <code>{operator}</code> as this network says
        itself: hold it against what you know.{' '}
        {open === 0 ? '' : `${many(open, 'entry', 'entries')} of the journal `}
        {open === 0 ? '' : `${open === 1 ? 'is' : 'are'} newer than the checkpoint.`}
      </p>
    </>
  );
}

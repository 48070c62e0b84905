import { useState } from 'react';
import { useLocation } from 'wouter';
import { changeInWords } from '../../../../src/core/explain/what-if-in-words.ts';
import type { WhatIfView } from '../../../../src/protocol/what-if.ts';
import { ask, Refused } from '../../data/ask.ts';
import { useAsked } from '../../data/use-asked.ts';
import { useAddress, ViewLink } from '../../parts/link.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Comparison } from './comparison.tsx';
import { Settle } from './settle.tsx';
import './what-if.css';

const EVERY_MS = 500;

/** One question: how far it is, what came of it, and what is to be done with it. */
export function WhatIfDetail({ id }: { readonly id: string }) {
  const [over, setOver] = useState(false);
  const path = `/v1/what-ifs/${encodeURIComponent(id)}`;
  const { value, refused } = useAsked<WhatIfView>(path, over ? undefined : EVERY_MS);
  if (value !== undefined && value.state !== 'running' && !over) setOver(true);
  return (
    <ViewFrame
      title={value === undefined ? 'What if' : `What if ${changeInWords(value.order.change)}`}
      about="Two forks of what is up, run ahead by the same agents: one with the change, one without."
      command={`muster what-if describe ${id}`}
    >
      <p>
        <ViewLink to="/what-if">another question</ViewLink>
      </p>
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {value === undefined ? (
        refused === undefined ? (
          <Loading what="the what-if" />
        ) : null
      ) : (
        <Known view={value} path={path} />
      )}
    </ViewFrame>
  );
}

function Known({ view, path }: { readonly view: WhatIfView; readonly path: string }) {
  const { state, note, result } = view;
  if (state === 'running') return <Running view={view} path={path} />;
  if (result === null) {
    return (
      <>
        <p className="health unwell" role="status">
          ▲ {state}: {note}
        </p>
        <Settle view={view} path={path} />
      </>
    );
  }
  return (
    <>
      <p className="health well" role="status">
        ✓ Run {view.order.seconds} s ahead with seed {view.order.seed}, asked by {view.by}.
      </p>
      <Settle view={view} path={path} />
      <Comparison result={result} />
    </>
  );
}

function Running({ view, path }: { readonly view: WhatIfView; readonly path: string }) {
  const [, navigate] = useLocation();
  const address = useAddress();
  const [refused, setRefused] = useState<Refused>();
  const percent = Math.round(view.progress * 100);
  const cancel = async () => {
    try {
      await ask(`${path}/stop`, { method: 'POST', body: {} });
      navigate(address('/what-if'));
    } catch (error) {
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), ''));
    }
  };
  return (
    <section className="card">
      <p role="status">
        {view.note}, {percent} %
      </p>
      <progress max={100} value={percent} aria-label="How much of both runs is over">
        {percent} %
      </progress>
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      <div className="buttons">
        <button type="button" onClick={() => void cancel()}>
          cancel
        </button>
      </div>
    </section>
  );
}

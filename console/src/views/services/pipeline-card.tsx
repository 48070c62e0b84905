import { useEffect, useState } from 'react';
import type {
  PipelineCheck,
  PipelineFileText,
  PlannedPipeline,
} from '../../../../src/protocol/pipeline-check.ts';
import type { PipelineView } from '../../../../src/protocol/pipeline-view.ts';
import { ask, Refused } from '../../data/ask.ts';
import { useSession } from '../../data/session.ts';
import { useAsked } from '../../data/use-asked.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { CopyCommand } from '../../parts/copy-command.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { many } from '../../parts/figures.ts';
import { ProblemText } from '../../parts/problem-text.tsx';
import { RefusedNote } from '../../parts/states.tsx';
import { applyPipeline } from './apply-pipeline.ts';

/** The control agents that look after services, as a file: read, planned, edited, compared with what runs, and applied. */
export function PipelineCard({ service }: { readonly service: string }) {
  const { value: view } = useAsked<PipelineView>('/v1/pipeline');
  const [chosen, setChosen] = useState('');
  const names = [...new Set([...(view === undefined ? [] : [view.name]), ...pipelinesOf(view)])];
  const planned = `/v1/services/${encodeURIComponent(service)}/pipeline`;
  const path = chosen === '' ? '/v1/pipeline/file' : chosen;
  const { value, refused, again } = useAsked<PipelineFileText & Partial<PlannedPipeline>>(path);
  return (
    <section className="card wide">
      <h2>Pipeline</h2>
      <p className="about">
        The control agents that look after what runs here: where each is, what it can do, who vouches for
        whom. Edit it, see what would change, and apply it while everything goes on.
      </p>
      <div className="filters">
        <label>
          pipeline
          <select value={chosen} onChange={({ target }) => setChosen(target.value)}>
            {names.map((name) => (
              <option
                key={name}
                value={name === view?.name ? '' : `/v1/pipeline/file?name=${encodeURIComponent(name)}`}
              >
                {name}, as it runs
              </option>
            ))}
            <option value={planned}>one planned for {service}</option>
          </select>
        </label>
      </div>
      <CopyCommand
        command={
          chosen === planned
            ? `muster pipeline plan ${service}`
            : `muster pipeline get ${value?.name ?? ''}`.trim()
        }
      />
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {value?.notes === undefined ? null : (
        <ul className="about">
          {value.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {value === undefined ? null : <Editor key={path} file={value} again={again} />}
    </section>
  );
}

function pipelinesOf(view: PipelineView | undefined): readonly string[] {
  return view?.agents.map(({ pipeline }) => pipeline) ?? [];
}

function Editor({ file, again }: { readonly file: PipelineFileText; again(): void }) {
  const [text, setText] = useState(file.text);
  const [check, setCheck] = useState<{ readonly of: string; readonly said: PipelineCheck }>();
  const [refused, setRefused] = useState<Refused>();
  const [progress, setProgress] = useState('');
  const mayAct = useSession()?.role === 'operator';
  useEffect(() => setText(file.text), [file.text]);
  const compare = async () => {
    try {
      const said = await ask<PipelineCheck>('/v1/pipeline/check', { method: 'POST', body: { text } });
      setCheck({ of: text, said });
      setRefused(undefined);
    } catch (error) {
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), ''));
    }
  };
  const said = check?.of === text ? check.said : undefined;
  return (
    <>
      <label className="editor">
        pipeline.yaml ({file.name})
        <textarea
          rows={14}
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <div className="actions">
        <button
          type="button"
          disabled={!mayAct}
          title={mayAct ? '' : 'for operators'}
          onClick={() => void compare()}
        >
          what would change
        </button>
        <button type="button" disabled={text === file.text} onClick={() => setText(file.text)}>
          as it was
        </button>
        <button type="button" onClick={again}>
          read it again
        </button>
        {said?.pipeline == null || said.rows.length === 0 || said.refusal !== null ? null : (
          <ActionButton
            label="Apply"
            title={`Apply the pipeline ${said.pipeline.name}?`}
            confirm="apply it"
            command="muster pipeline apply pipeline.yaml --wait"
            act={async () => {
              await applyPipeline(said, setProgress);
              setCheck(undefined);
              again();
            }}
          >
            <p>
              {many(said.rows.length, 'change')} of the group, one after the other; agents that come are
              attested before others go. Leave this page open until it is done.
            </p>
          </ActionButton>
        )}
      </div>
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {mayAct ? null : <p className="about">Comparing and applying are for operators.</p>}
      <p role="status">{progress}</p>
      {said === undefined ? null : <Checked check={said} text={text} />}
    </>
  );
}

function Checked({ check, text }: { readonly check: PipelineCheck; readonly text: string }) {
  return (
    <>
      {check.refusal === null ? null : (
        <RefusedNote refused={new Refused(422, check.refusal.reason, check.refusal.hint)} />
      )}
      {check.problems.length === 0 ? null : (
        <ProblemText label="What is wrong with the pipeline" text={text} problems={check.problems} />
      )}
      {check.pipeline === null ? null : (
        <DataTable
          caption="What would change"
          rows={check.rows}
          keyOf={({ agent, change, what }) => `${agent} ${change} ${what}`}
          empty="Nothing would change: what runs is what this says."
          columns={[
            { name: 'agent', cell: ({ agent }) => agent },
            { name: 'change', cell: ({ change }) => change },
            { name: 'what', cell: ({ what }) => what },
            { name: 'on the ledger', cell: ({ ledger }) => ledger },
          ]}
        />
      )}
    </>
  );
}

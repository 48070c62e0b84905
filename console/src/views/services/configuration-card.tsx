import { useState } from 'react';
import type { FilesApplied, FilesChecked } from '../../../../src/protocol/file-reports.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { Refused, sendFiles } from '../../data/ask.ts';
import { useSession } from '../../data/session.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { ProblemText } from '../../parts/problem-text.tsx';
import { RefusedNote } from '../../parts/states.tsx';
import { Changes } from '../packages/changes.tsx';
import { whyBusy } from './service-words.ts';
import { yamlText } from './yaml-text.ts';

interface Props {
  readonly service: ServiceInstance;
  again(): void;
}

/** What was asked for, as its service file: read, edited, tried, and applied. */
export function ConfigurationCard({ service, again }: Props) {
  const asked = yamlText({ service: service.wanted });
  const [edited, setEdited] = useState<string>();
  const [check, setCheck] = useState<{ readonly of: string; readonly said: FilesChecked }>();
  const [refused, setRefused] = useState<Refused>();
  const mayAct = useSession()?.role === 'operator';
  const text = edited ?? asked;
  const files = [{ name: `${service.name}.yaml`, file: new File([text], 'service.yaml') }];
  const compare = async () => {
    try {
      setCheck({ of: text, said: await sendFiles<FilesChecked>('/v1/files/check', files) });
      setRefused(undefined);
    } catch (error) {
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), ''));
    }
  };
  const said = check?.of === text ? check.said : undefined;
  const problems = said?.files.flatMap((each) => each.problems) ?? [];
  const mayApply = said?.services.some(({ refusal, changes }) => refusal === null && changes.length > 0);
  return (
    <section className="card wide">
      <h2>Configuration</h2>
      <p className="about">
        The service file that it is to be like. Wishes for sites, levels, scaling and traffic change while it
        runs.
      </p>
      <label className="editor">
        {service.name}.yaml
        <textarea
          rows={10}
          spellCheck={false}
          value={text}
          onChange={({ target }) => setEdited(target.value)}
        />
      </label>
      <div className="actions">
        <button type="button" disabled={!mayAct} onClick={() => void compare()}>
          try it
        </button>
        <button type="button" disabled={edited === undefined} onClick={() => setEdited(undefined)}>
          as it was asked for
        </button>
        {said === undefined || mayApply !== true ? null : (
          <ActionButton
            label="Apply"
            title={`Apply ${service.name}.yaml?`}
            confirm="apply"
            command={`muster service apply ${service.name}.yaml`}
            unless={whyBusy(service)}
            act={async () => {
              await sendFiles<FilesApplied>('/v1/files/apply', files);
              setEdited(undefined);
              again();
            }}
          >
            <Changes checked={said} />
          </ActionButton>
        )}
      </div>
      {mayAct ? null : <p className="about">Trying and applying are for operators.</p>}
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {said === undefined || problems.length > 0 ? null : <Changes checked={said} />}
      {problems.length === 0 ? null : (
        <ProblemText label="What is wrong with the service file" text={text} problems={problems} />
      )}
    </section>
  );
}

import { useEffect, useState } from 'react';
import type { FilesApplied, FilesChecked } from '../../../../src/protocol/file-reports.ts';
import type { NamedFile } from '../../data/ask.ts';
import { Refused, sendFiles } from '../../data/ask.ts';
import { useSession } from '../../data/session.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty, Loading, RefusedNote } from '../../parts/states.tsx';
import { Changes } from './changes.tsx';
import { FileReportCard } from './file-report-card.tsx';

interface Props {
  readonly files: readonly NamedFile[];
  onClear(): void;
  onDone(): void;
}

/** Files that were dropped: what is wrong with them, what they would change, and what can be done with them. */
export function Dropped({ files, onClear, onDone }: Props) {
  const mayAct = useSession()?.role === 'operator';
  const { checked, refused } = useChecked(mayAct ? files : undefined);
  const [done, setDone] = useState<{ readonly of: Props['files']; readonly applied: FilesApplied }>();
  if (done?.of === files) return <AppliedNote applied={done.applied} onDone={onDone} />;
  return (
    <section className="dropped" aria-label="Files that were dropped">
      <h2>{many(files.length, 'file')} dropped</h2>
      {mayAct ? null : (
        <p className="refused">
          <strong>Your session may only look.</strong> Packages are checked and onboarded for operators: come
          in with a token that was made with <code>muster token create NAME --role operator</code>.
        </p>
      )}
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {checked === undefined ? (
        refused === undefined && mayAct ? (
          <Loading what="what would become of them" />
        ) : null
      ) : (
        <>
          <Ways
            files={files}
            checked={checked}
            onApplied={(applied) => setDone({ of: files, applied })}
            onOnboarded={onDone}
          />
          <Changes checked={checked} />
          {checked.files.map((report) => (
            <FileReportCard key={report.name} report={report} />
          ))}
        </>
      )}
      <button type="button" onClick={onClear}>
        put them away
      </button>
    </section>
  );
}

function useChecked(files: readonly NamedFile[] | undefined) {
  const [said, setSaid] = useState<{
    readonly of: readonly NamedFile[];
    readonly checked?: FilesChecked;
    readonly refused?: Refused;
  }>();
  useEffect(() => {
    if (files === undefined) return;
    let isOver = false;
    sendFiles<FilesChecked>('/v1/files/check', files).then(
      (checked) => isOver || setSaid({ of: files, checked }),
      (error: unknown) =>
        isOver ||
        setSaid({ of: files, refused: error instanceof Refused ? error : new Refused(0, String(error), '') }),
    );
    return () => {
      isOver = true;
    };
  }, [files]);
  const isOf = files !== undefined && said?.of === files;
  return { checked: isOf ? said.checked : undefined, refused: isOf ? said.refused : undefined };
}

interface WaysProps {
  readonly files: readonly NamedFile[];
  readonly checked: FilesChecked;
  onApplied(applied: FilesApplied): void;
  onOnboarded(): void;
}

function Ways({ files, checked, onApplied, onOnboarded }: WaysProps) {
  const wrong = checked.files.filter(({ outcome }) => outcome === 'refused');
  const packages = checked.files.filter(({ kind }) => kind !== 'service');
  const fresh = packages.filter(({ outcome }) => outcome !== 'unchanged');
  const replaced = packages.filter(({ outcome }) => outcome === 'updated');
  const names = files.map(({ name }) => name).join(' ');
  if (wrong.length > 0) {
    return (
      <p className="health unwell" role="status">
        ▲ {many(wrong.length, 'file')} cannot be taken: none of them is, until what is marked as an error is
        mended.
      </p>
    );
  }
  return (
    <>
      <p className="health well" role="status">
        ✓ Nothing stands in their way: {many(fresh.length, 'package')} to be onboarded
        {checked.services.length === 0 ? '' : `, ${many(checked.services.length, 'service')} asked for`}.
      </p>
      <div className="actions">
        {packages.length === 0 ? null : (
          <ActionButton
            label="Onboard"
            title={`Onboard ${many(fresh.length, 'package')}?`}
            confirm="onboard"
            command={`muster package onboard --update ${names}`}
            act={async () => {
              await sendFiles('/v1/files/onboard?update=true', files);
              onOnboarded();
            }}
          >
            <p>
              Kept until deleted:{' '}
              {fresh.map(({ kind, id }) => `${kind}/${id}`).join(', ') || 'all are there already'}.
              {replaced.length === 0
                ? ''
                : ` Takes the place of what is there: ${replaced.map(({ id }) => id).join(', ')}.`}
            </p>
          </ActionButton>
        )}
        {checked.services.length === 0 ? null : (
          <ActionButton
            label="Apply"
            title={`Apply ${checked.services.map(({ service }) => service).join(', ')}?`}
            confirm="apply"
            command={`muster service apply ${names}`}
            lacking={checked.services.find(({ refusal }) => refusal !== null)?.refusal?.reason}
            act={async () => onApplied(await sendFiles<FilesApplied>('/v1/files/apply', files))}
          >
            <Changes checked={checked} />
          </ActionButton>
        )}
      </div>
    </>
  );
}

function AppliedNote({ applied, onDone }: { readonly applied: FilesApplied; onDone(): void }) {
  return (
    <section className="dropped" aria-label="What was applied">
      <ul role="status">
        {applied.services.map(({ service, outcome, changes }) => (
          <li key={service}>
            ✓ <ViewLink to={`/services/${encodeURIComponent(service)}`}>{service}</ViewLink> {outcome},{' '}
            {many(changes.length, 'change')}
          </li>
        ))}
      </ul>
      {applied.services.length === 0 ? <Empty>Nothing was to be done.</Empty> : null}
      <button type="button" onClick={onDone}>
        more files
      </button>
    </section>
  );
}

import type { ReactNode } from 'react';
import { useEffect, useId, useRef, useState } from 'react';
import { Refused } from '../data/ask.ts';
import { useSession } from '../data/session.ts';
import { CopyCommand } from './copy-command.tsx';
import { focusHeading } from './focus-heading.ts';
import { RefusedNote } from './states.tsx';
import './confirm-dialog.css';

interface DialogProps {
  readonly title: string;
  /** What will be done, and to what. */
  readonly children: ReactNode;
  /** Of the button that has it done. */
  readonly confirm: string;
  /** The same in a terminal. */
  readonly command?: string | undefined;
  /** Viewers may do it too. */
  readonly forViewers?: boolean;
  /** What is lacking before it can be done; absent: nothing. */
  readonly lacking?: string | undefined;
  act(): Promise<void>;
  onClose(): void;
}

/** Asks before something is done, and says what. Viewers are told why they may not. */
export function ConfirmDialog(props: DialogProps) {
  const { title, children, confirm, command, forViewers = false, lacking, act, onClose } = props;
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  const session = useSession();
  const [refused, setRefused] = useState<Refused>();
  const [busy, setBusy] = useState(false);
  const mayAct = forViewers || session?.role === 'operator';
  useEffect(() => box.current?.showModal(), []);
  const go = async () => {
    setBusy(true);
    try {
      await act();
      // What opened it may not be usable while that is being done.
      box.current?.close();
      focusHeading();
    } catch (error) {
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), ''));
      setBusy(false);
    }
  };
  return (
    <dialog ref={box} className="confirm" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
      {command === undefined ? null : <CopyCommand command={command} />}
      {mayAct ? null : (
        <p className="refused">
          <strong>{session?.name ?? 'Your session'} may only look.</strong> This is for operators: come in
          with a token that was made with <code>muster token create NAME --role operator</code>.
        </p>
      )}
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {lacking === undefined ? null : <p className="about">{lacking}</p>}
      <div className="buttons">
        <button type="button" onClick={() => box.current?.close()}>
          {mayAct ? 'leave it' : 'close'}
        </button>
        {mayAct ? (
          <button
            type="button"
            className="main"
            disabled={busy || lacking !== undefined}
            onClick={() => void go()}
          >
            {busy ? 'asking …' : confirm}
          </button>
        ) : null}
      </div>
    </dialog>
  );
}

interface ButtonProps extends Omit<DialogProps, 'onClose'> {
  readonly label: string;
  /** What it would be done to, where the label alone does not say. */
  readonly about?: string;
  /** Why it cannot be done now, in words. */
  readonly unless?: string | undefined;
}

/** A button that asks before it does what it says. */
export function ActionButton({ label, about, unless, ...dialog }: ButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        disabled={unless !== undefined}
        title={unless}
        aria-haspopup="dialog"
        aria-label={about === undefined ? undefined : `${label} ${about}`}
        onClick={() => setOpen(true)}
      >
        {label} …
      </button>
      {open ? <ConfirmDialog {...dialog} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

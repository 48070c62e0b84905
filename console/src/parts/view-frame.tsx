import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { CopyCommand } from './copy-command.tsx';

interface Props {
  readonly title: string;
  /** What one can find out here, in a sentence. */
  readonly about: string;
  /** The same in a terminal. */
  readonly command: string;
  readonly children: ReactNode;
}

/** A view with its heading, which takes the focus when one comes to it. */
export function ViewFrame({ title, about, command, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Muster`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <section aria-labelledby="view-title">
      <header className="view-head">
        <div>
          <h1 id="view-title" ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p className="about">{about}</p>
        </div>
        <CopyCommand command={command} />
      </header>
      {children}
    </section>
  );
}

import type { DragEvent } from 'react';
import { useRef, useState } from 'react';
import type { NamedFile } from '../../data/ask.ts';
import { filesIn } from './files-in.ts';

/** Where files are dropped, or chosen by keyboard. */
export function DropBox({ onDrop }: { onDrop(files: readonly NamedFile[]): void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onDrop(await filesIn(event.dataTransfer));
  };
  return (
    <section
      className={`drop ${over ? 'over' : ''}`}
      aria-label="Drop files here"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <p>
        Drop packages here, as many as belong together, in any order: <code>.tar.gz</code>, a folder, a
        descriptor alone, or a service file.
      </p>
      <label className="files">
        or choose files
        <input
          ref={input}
          type="file"
          multiple
          accept=".yaml,.yml,.gz,.tgz,.tar"
          onChange={({ target }) => {
            onDrop([...(target.files ?? [])].map((file) => ({ name: file.name, file })));
            target.value = '';
          }}
        />
      </label>
    </section>
  );
}

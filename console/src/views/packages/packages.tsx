import { useState } from 'react';
import type { NamedFile } from '../../data/ask.ts';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Catalogue } from './catalogue.tsx';
import { DropBox } from './drop-box.tsx';
import { Dropped } from './dropped.tsx';
import { PackageList } from './package-list.tsx';
import './packages.css';

/** Packages that are onboarded, and a place to drop new ones and service files. */
export function Packages() {
  const [files, setFiles] = useState<readonly NamedFile[]>([]);
  const [round, setRound] = useState(0);
  const drop = (more: readonly NamedFile[]) =>
    setFiles((before) => [...before.filter(({ name }) => !more.some((each) => each.name === name)), ...more]);
  return (
    <ViewFrame
      title="Packages"
      about="Drop NSDs, VNFDs and service files: see what is wrong with them, onboard them, apply them."
      command="muster package list"
    >
      <DropBox onDrop={drop} />
      {files.length === 0 ? null : (
        <Dropped
          files={files}
          onClear={() => setFiles([])}
          onDone={() => {
            setFiles([]);
            setRound(round + 1);
          }}
        />
      )}
      <PackageList key={round} />
      <Catalogue onTake={drop} />
    </ViewFrame>
  );
}

import type { NamedFile } from '../../data/ask.ts';

/** More files than a package may have are not even looked for. */
const MOST = 2001;

/** The files that were dropped; those of a folder with its name before theirs. */
export async function filesIn(dropped: DataTransfer): Promise<readonly NamedFile[]> {
  // Asked for before anything is awaited: after that the browser has forgotten them.
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...dropped.files].map((file) => ({ name: file.name, file }));
  const found: NamedFile[] = [];
  for (const entry of entries) await gather(entry, '', found);
  return found;
}

async function gather(entry: FileSystemEntry, before: string, found: NamedFile[]): Promise<void> {
  if (found.length >= MOST) return;
  const name = `${before}${entry.name}`;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ name, file });
    return;
  }
  if (!isFolder(entry) || entry.name === '.git') return;
  const reader = entry.createReader();
  for (;;) {
    // A part of the folder at a time; none: that was all.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return;
    for (const each of part) await gather(each, `${name}/`, found);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

import { useState } from 'react';

const SHOWN_MS = 1500;

/** The command that tells the same in a terminal, to be copied. */
export function CopyCommand({ command }: { readonly command: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(command).catch(() => undefined);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <div className="command">
      <code>{command}</code>
      <button type="button" onClick={() => void copy()} aria-label={`Copy the command: ${command}`}>
        {copied ? 'copied' : 'copy'}
      </button>
    </div>
  );
}

import { useRef, useState } from 'react';

const SHOWN_MS = 2500;

/** The command that tells the same in a terminal, to be copied. */
export function CopyCommand({ command }: { readonly command: string }) {
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState<string>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      setSaid('copied');
    } catch {
      // Browsers hand their clipboard to safe addresses only, and may be told not to.
      if (text.current !== null) getSelection()?.selectAllChildren(text.current);
      setSaid('selected: press Ctrl+C');
    }
    setTimeout(() => setSaid(undefined), SHOWN_MS);
  };
  return (
    <div className="command">
      <code ref={text}>{command}</code>
      <button type="button" onClick={() => void copy()} aria-label={`Copy the command: ${command}`}>
        {said ?? 'copy'}
      </button>
    </div>
  );
}

import { plainText } from '../core/explain/in-words.ts';
import { sentenceOf } from '../core/explain/sentence.ts';
import type { RunProgress } from '../runtime/run-scenario.ts';

const BARS = ' ▁▂▃▄▅▆▇█';
const REDRAW_MS = 150;
/** Most columns of the bars, most lines of news: less on a small terminal. */
const MOST_BARS = 60;
const MOST_LINES = 14;
/** What stands around the bars in a line, and around the news on the screen. */
const BESIDE_BARS = 32;
const HEAD_LINES = 6;

export interface LiveView {
  on(progress: RunProgress): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** What happens while a scenario runs: redrawn in place on a terminal, plain lines elsewhere, nothing without a stream. */
export function createLiveView(
  stream: NodeJS.WriteStream | undefined,
  form: 'words' | 'jsonl' = 'words',
): LiveView {
  if (stream === undefined) return { on: () => {}, close: () => {} };
  if (form === 'jsonl') return jsonlView(stream);
  return stream.isTTY ? terminalView(stream) : plainView(stream);
}

function wordsOf(progress: RunProgress): string | undefined {
  if (progress.kind === 'phase') return progress.text;
  if (progress.kind !== 'entry') return undefined;
  const { entry } = progress;
  const told =
    (entry.kind === 'action' && entry.agent === 'muster' && !QUIET.has(entry.action)) ||
    (entry.kind === 'auction' && entry.status !== 'opened' && entry.status !== 'completed') ||
    (entry.kind === 'award' && (entry.status === 'lapsed' || entry.status === 'moved')) ||
    (entry.kind === 'ledger' && TRUST_CHANGES.has(entry.event)) ||
    entry.kind === 'fault';
  return told ? `${seconds(entry.tMs)}  ${sentenceOf(entry)}` : undefined;
}

/** Of the ledger's events, those that change who may act. */
const TRUST_CHANGES = new Set(['Revoked', 'Suspended', 'ValidityExpired', 'EpochOpened', 'GuardRemoved']);
const QUIET = new Set(['measure', 'watch', 'unwatch', 'confirm-sources']);

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2).padStart(7)} s`;
}

/** All there is to tell, for programs. */
function jsonlView(stream: NodeJS.WriteStream): LiveView {
  return { on: (progress) => stream.write(`${JSON.stringify(progress)}\n`), close: () => {} };
}

function plainView(stream: NodeJS.WriteStream): LiveView {
  return {
    on: (progress) => {
      const words = wordsOf(progress);
      if (words !== undefined) stream.write(`${plainText(words)}\n`);
    },
    close: () => {},
  };
}

function terminalView(stream: NodeJS.WriteStream): LiveView {
  const traffic: number[] = [];
  const last: string[] = [];
  let drawn = 0;
  let drawnAtMs = 0;
  let tick: Extract<RunProgress, { kind: 'tick' }> | undefined;
  const clear = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    clear();
    const width = Math.max(20, Math.min(stream.columns ?? 80, 160));
    const bars = Math.max(12, Math.min(MOST_BARS, width - BESIDE_BARS));
    const news = Math.max(3, Math.min(MOST_LINES, (stream.rows ?? 24) - HEAD_LINES));
    const told = tick === undefined ? [] : head(tick, traffic.slice(-bars), bars);
    const lines = [...told, ...last.slice(-news)]
      .map(plainText)
      .map((line) => (line.length < width ? line : `${line.slice(0, width - 2)}…`));
    stream.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  stream.write('\u001b[?25l');
  return {
    on: (progress) => {
      const words = wordsOf(progress);
      if (words !== undefined) {
        last.push(words);
        if (last.length > MOST_LINES) last.shift();
      }
      if (progress.kind === 'tick') {
        tick = progress;
        traffic.push(progress.total);
        if (traffic.length > MOST_BARS) traffic.shift();
      }
      const nowMs = Date.now();
      if (nowMs - drawnAtMs < REDRAW_MS && progress.kind !== 'phase') return;
      drawnAtMs = nowMs;
      draw();
    },
    close: () => {
      draw();
      stream.write('\u001b[?25h');
    },
  };
}

function head(
  tick: Extract<RunProgress, { kind: 'tick' }>,
  traffic: readonly number[],
  bars: number,
): string[] {
  const share = Math.min(1, Math.max(0, tick.tMs / tick.durationMs));
  const full = Math.round(share * bars);
  const most = Math.max(1, ...traffic);
  const line = traffic.map((each) => BARS[Math.min(8, Math.round((each / most) * 8))] ?? ' ').join('');
  const kB = (rate: number) => `${Math.round(rate / 1000)} KB/s`;
  return [
    `${seconds(tick.tMs)}  [${'='.repeat(full)}${' '.repeat(bars - full)}] ${Math.round(tick.durationMs / 1000)} s`,
    `  ${tick.link}  ${line} ${kB(tick.total)}`,
    `  of users ${kB(tick.legitimate)}, of attackers ${kB(tick.attackDelivered)} of ${kB(tick.attackOffered)} sent`,
    '',
  ];
}

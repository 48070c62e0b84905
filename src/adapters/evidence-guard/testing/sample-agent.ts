import type { AgentSpec } from '../../../ports/evidence-source.ts';

/** A Node agent that says hello, answers pings, and can be told to compile, to collect garbage and to misbehave. */
const SOURCE = `
import { Socket } from 'node:net';
const control = new Socket({ fd: 3 });
const say = (line) => control.write(JSON.stringify(line) + '\\n');
let rest = '';
let kept = [];
control.setEncoding('utf8').on('data', (text) => {
  rest += text;
  for (let at = rest.indexOf('\\n'); at >= 0; at = rest.indexOf('\\n')) {
    const line = JSON.parse(rest.slice(0, at));
    rest = rest.slice(at + 1);
    if (line.kind === 'work') work(line.rounds);
    if (line.kind === 'rename') process.title = 'something else';
    if (line.kind === 'listen') { listen(); continue; }
    say({ kind: 'done', of: line.kind });
  }
});
control.on('end', () => process.exit(0));
function work(rounds) {
  for (let round = 0; round < rounds; round += 1) {
    const f = new Function('n', 'let s = ' + round + '; for (let i = 0; i < n; i++) s = (s * 31 + i) | 0; return s;');
    for (let i = 0; i < 300; i += 1) f(500);
    kept.push(Array.from({ length: 2000 }, (_, i) => ({ i, text: 'x' + i })));
    if (kept.length > 20) kept = [];
  }
}
async function listen() {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1', () => say({ kind: 'done', of: 'listen' }));
}
say({ kind: 'hello' });
`;

export function sampleAgent(changes: Partial<AgentSpec> = {}): AgentSpec {
  return {
    name: 'sample',
    program: {
      kind: 'node',
      executable: process.execPath,
      major: Number(process.versions.node.split('.')[0]),
      flags: [],
      bundle: Buffer.from(SOURCE),
    },
    arguments: [],
    environment: { LANG: 'C' },
    limits: { runtimeCode: 'v8', maxRuntimeCodeBytes: 64 << 20, maxThreads: 16 },
    ...changes,
  };
}

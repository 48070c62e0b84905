import { spawnAgent } from '../spawn-agent.ts';
import { sampleAgent } from './sample-agent.ts';

/** A guard as a process of its own: starts one agent that would go on for ever, and says its number. */
const user = process.getuid?.() === 0 ? { user: { uid: 64_002, gid: 64_002 } } : {};
const spec = sampleAgent(user);
if (spec.program.kind === 'node') {
  const stubborn = `
    import { writeSync } from 'node:fs';
    setInterval(() => {}, 1000);
    writeSync(3, '{"kind":"hello"}\\n');
  `;
  const agent = await spawnAgent(
    { ...spec, program: { ...spec.program, bundle: Buffer.from(stubborn) } },
    '',
    () => {},
  );
  process.stdout.write(`${agent.pid} ${agent.startTime}\n`);
}

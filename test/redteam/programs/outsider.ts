// A user of the machine who is nobody: does one task and says what came of it. Bundled, and started with setpriv.
import { TASKS } from './outsider-tasks.ts';

const [, , task = '', parameter = ''] = process.argv;
const answer = await TASKS[task]?.(parameter);
process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
process.exit(0);

import { Socket } from 'node:net';
import { RE_EXECUTE } from './re-execute-argument.ts';
import { serveReExecution } from './re-execution-mode.ts';
import { serveAgent } from './serve-agent.ts';

// First of all: Node opens its inspector on this signal unless somebody listens for it.
process.on('SIGUSR1', () => {});
// Its guard ends it; what a terminal sends to the whole group is not for it.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

/** Descriptors that the guard has opened for it: to the guard, and to the daemon of the site. */
const CONTROL_FD = 3;
const DAEMON_FD = 4;

const open = (fd: number): Socket => new Socket({ fd, readable: true, writable: true });
// Arguments are a part of what is measured: nobody makes an agent of the one, or a verifier's tool of the other, unseen.
if (process.argv.includes(RE_EXECUTE)) serveReExecution(open(CONTROL_FD));
else await serveAgent(open(CONTROL_FD), open(DAEMON_FD));

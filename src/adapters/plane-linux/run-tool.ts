import { spawn } from 'node:child_process';

/** Beyond it a tool hangs: on a machine without time for it, it may take seconds. */
const DEADLINE_MS = 20_000;
const MAX_OUTPUT = 8_000_000;

/** Runs a program with its input; answers its output, or throws with what it said. Bounded in time and output. */
export function runTool(command: readonly string[], input = ''): Promise<string> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MAX_OUTPUT) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < 4000) stderr += text;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(`${command.slice(0, 6).join(' ')}: ${stderr.trim() || `ended with ${code ?? signal}`}`),
        );
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** The same inside a network namespace. */
export function runIn(namespace: string, command: readonly string[], input = ''): Promise<string> {
  return runTool(['ip', 'netns', 'exec', namespace, ...command], input);
}

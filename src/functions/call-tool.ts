import { spawn } from 'node:child_process';

const TIMEOUT_MS = 5000;
const MAX_OUTPUT = 4_000_000;

/** Runs a tool of the system with a text as its input; answers its output, throws with what it said. */
export function callTool(command: readonly [string, ...string[]], input = ''): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MAX_OUTPUT) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < 2000) stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${program}: ${stderr.trim() || `ended with ${code}`}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

export const nft = (text: string): Promise<string> => callTool(['nft', '-f', '-'], text);

import { spawn } from 'node:child_process';
import { z } from 'zod';

const FiguresSchema = z.record(z.string(), z.number());
export type Figures = z.infer<typeof FiguresSchema>;
const entry = new URL('./workloads/run-workload.ts', import.meta.url).pathname;

/** Runs a workload in a fresh process, so that no other one's heap or compiled code helps or hinders it. */
export function runInChild(workload: string, withinMs = 240_000): Promise<Figures> {
  const child = spawn(process.execPath, ['--import', 'tsx', entry, workload], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code !== 0) reject(new Error(`${workload} ended with ${code}`));
      else resolve(FiguresSchema.parse(JSON.parse(said.trim().split('\n').at(-1) ?? '')));
    });
  });
}

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const here = new URL('./jason/', import.meta.url).pathname;
const LINE = /begun (\d+) ended (\d+) goals (\d+)/g;
const RUN_WITHIN_MS = 60_000;

const LOGGING = `handlers = java.util.logging.ConsoleHandler
.level = WARNING
java.util.logging.ConsoleHandler.formatter = java.util.logging.SimpleFormatter
java.util.logging.SimpleFormatter.format = %5$s%n
jason.level = INFO
`;

export interface Jason {
  oneAgent(): Promise<Record<string, number>>;
  manyAgents(): Promise<Record<string, number>>;
  close(): void;
}

/** Jason 3.2.1 from Maven Central. A text instead says why it cannot be had here. */
export async function prepareJason(): Promise<Jason | string> {
  const run = promisify(execFile);
  for (const tool of ['java', 'mvn']) {
    try {
      await run(tool, ['-version'], { timeout: 30_000 });
    } catch {
      return `${tool} is not installed`;
    }
  }
  const dir = mkdtempSync(join(tmpdir(), 'muster-bench-jason-'));
  const close = () => rmSync(dir, { recursive: true, force: true });
  try {
    const target = ['-q', '-B', '-f', join(here, 'pom.xml'), 'dependency:copy-dependencies'];
    await run('mvn', [...target, `-DoutputDirectory=${join(dir, 'lib')}`], { timeout: 180_000 });
  } catch (error) {
    close();
    return `its package could not be fetched: ${String(error).split('\n')[0]}`;
  }
  writeFileSync(join(dir, 'logging.properties'), LOGGING);
  return {
    oneAgent: () => play(dir, 1, 400_000, 200_000),
    manyAgents: () => play(dir, 1000, 400, 100),
    close,
  };
}

/** Runs a multi-agent system until every agent has said that it is done; goals of all per second, from first to last. */
function play(dir: string, agents: number, goals: number, warmUp: number): Promise<Record<string, number>> {
  const file = join(dir, `peer-${agents}.mas2j`);
  const beliefs = `[beliefs="goals(${goals}),warm_up(${warmUp})"]`;
  const members = `w ${join(here, 'worker.asl')} ${beliefs} #${agents};`;
  writeFileSync(file, `MAS peer {\n  infrastructure: Local(pool,2)\n  agents: ${members}\n}\n`);
  const main = ['-cp', join(dir, 'lib', '*'), 'jason.infra.local.RunLocalMAS', file];
  const child = spawn('java', [...main, '--log-conf', join(dir, 'logging.properties')], { cwd: dir });
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), RUN_WITHIN_MS);
    const listen = (data: Buffer) => {
      said += data.toString();
      const lines = [...said.matchAll(LINE)];
      if (lines.length >= agents) child.kill('SIGKILL');
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      const lines = [...said.matchAll(LINE)];
      if (lines.length < agents) {
        reject(new Error(`Jason: ${lines.length} of ${agents} agents came to an end: ${said.slice(-300)}`));
        return;
      }
      const begun = Math.min(...lines.map((line) => Number(line[1])));
      const ended = Math.max(...lines.map((line) => Number(line[2])));
      resolve({ perSecond: (agents * goals * 1000) / Math.max(1, ended - begun) });
    });
  });
}

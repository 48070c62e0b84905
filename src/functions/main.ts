import { isCatalogueName } from '../protocol/catalogue.ts';
import { callControl, serveControl } from './control-socket.ts';
import { programs } from './programs.ts';
import { readUnitFile } from './unit-file.ts';

/** `run NAME` is a function; `call PRIMITIVE KEY=VALUE..` asks the one that runs in this directory. */
async function main([verb = '', name = '', ...rest]: readonly string[]): Promise<void> {
  if (verb === 'call') {
    const { done, said } = await callControl(name, Object.fromEntries(rest.map(keyAndValue)));
    (done ? process.stdout : process.stderr).write(said === '' ? '' : `${said}\n`);
    process.exitCode = done ? 0 : 1;
    return;
  }
  if (verb !== 'run' || !isCatalogueName(name)) throw new Error(`unknown: ${verb} ${name}`);
  const running = await programs[name](readUnitFile());
  const control = await serveControl(running);
  const end = () => {
    control.close();
    void (running.stop?.() ?? Promise.resolve()).finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`\`${text}\` is not KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

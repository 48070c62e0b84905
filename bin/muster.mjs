#!/usr/bin/env node
// Starts the command line: as it was built, or else from its TypeScript sources; needs the packages that `make setup` installs.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { builtCommand } from './built-command.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`muster: Node.js ${process.version} is too old; 20.19 or newer is needed.\n`);
  process.exit(1);
}
const built = builtCommand(fileURLToPath(new URL('..', import.meta.url)));
if (built === undefined) await readTypeScript();
else process.setSourceMapsEnabled(true);
const { main } = await import(built === undefined ? '../src/cli/main.ts' : pathToFileURL(built).href);
process.exitCode = await main(process.argv.slice(2));

async function readTypeScript() {
  try {
    const { register } = await import('tsx/esm/api');
    register();
  } catch {
    process.stderr.write('muster: its packages are not installed. Run: make setup\n');
    process.exit(1);
  }
}

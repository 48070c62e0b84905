#!/usr/bin/env node
// Starts the command line from its TypeScript sources; needs the packages that `make setup` installs.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`muster: Node.js ${process.version} is too old; 20.19 or newer is needed.\n`);
  process.exit(1);
}
let register;
try {
  ({ register } = await import('tsx/esm/api'));
} catch {
  process.stderr.write('muster: its packages are not installed. Run: make setup\n');
  process.exit(1);
}
register();
const { main } = await import('../src/cli/main.ts');
process.exitCode = await main(process.argv.slice(2));

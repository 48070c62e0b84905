import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { distrust, trustOfProgram } from '../../adapters/infrastructure-linux/signed-program.ts';
import { makeOperatorKey, publicKeyOf, readOperatorKey } from './operator-key.ts';
import { signProgram } from './sign-program.ts';

// Below /tmp nothing can be signed.
const folder = mkdtempSync('/var/tmp/muster-signed-');
afterAll(() => rmSync(folder, { recursive: true }));
const key = join(folder, 'operator.key');
makeOperatorKey(key);
const operatorKey = publicKeyOf(`${key}.pub`);
const script = join(folder, 'server.sh');
const command = ['/bin/sh', script, '--port', '53'];
const health = { kind: 'process' } as const;
beforeEach(() => {
  rmSync(script, { force: true });
  writeFileSync(script, 'exec sleep 100\n', { mode: 0o644 });
});

const sign = (argv: readonly string[] = command) => signProgram(argv, readOperatorKey(key));
const trust = async (signature: string | undefined, argv = command, by: string | undefined = operatorKey) => {
  const found = await trustOfProgram({ command: argv, health, signature }, by);
  return found.kind === 'refused' ? found.reason : found.kind;
};

test('a program is trusted as it was signed', async () => {
  const { signature, files, operatorKey: said } = await sign();
  expect([files, said]).toEqual([['/bin/sh', script], operatorKey]);
  expect(await trust(signature)).toBe('signed');
  expect(await trust(undefined)).toBe('unsigned');
});

test('another program, another argument, another signer: refused, with what to do', async () => {
  const { signature } = await sign();
  const refusal =
    'its program /bin/sh is not the one that the operator has signed: bring the signed one back, or muster image sign -- COMMAND signs it anew';
  expect(await trust(signature, [...command.slice(0, 3), '54'])).toBe(refusal);
  const other = join(folder, 'other.key');
  makeOperatorKey(other);
  expect(await trust(signature, command, publicKeyOf(`${other}.pub`))).toBe(refusal);
  expect(await trust('AAAA')).toBe(refusal);
  writeFileSync(script, 'exec nc -l 53\n');
  expect(await trust(signature)).toBe(refusal);
  rmSync(script);
  expect(await trust(signature)).toBe(refusal);
});

test('without a key to check with, what is signed is refused, not taken for unsigned', async () => {
  const { signature } = await sign();
  const found = await trustOfProgram({ command, health, signature }, undefined);
  expect(found).toMatchObject({ kind: 'refused', reason: expect.stringContaining('has no operatorKey') });
});

test('what others could change cannot be signed', async () => {
  await expect(sign(['sh', script])).rejects.toThrow('sh is not named with its whole path');
  await expect(sign([join(folder, 'none')])).rejects.toThrow('there is no file');
  chmodSync(script, 0o666);
  await expect(sign()).rejects.toThrow(`others than its owner may write ${script}`);
  const below = mkdtempSync('/tmp/muster-signed-');
  writeFileSync(join(below, 'program'), '', { mode: 0o755 });
  await expect(sign([join(below, 'program')])).rejects.toThrow('is below /tmp');
  rmSync(below, { recursive: true });
});

test('cloud-init does not write over a signed program, by whatever name', async () => {
  const { signature } = await sign();
  const alias = join(folder, 'alias');
  mkdirSync(alias);
  symlinkSync(script, join(alias, 'link'));
  const image = { program: { command, health, signature } };
  const reason = async (path: string) => distrust(image, [{ path }], operatorKey);
  expect(await reason('/etc/motd')).toBeUndefined();
  expect(await reason(script)).toBe(`cloud-init: ${script} belongs to a signed program`);
  expect(await reason(join(alias, 'link'))).toContain('belongs to a signed program');
  expect(await distrust({ program: { command, health } }, [{ path: script }], operatorKey)).toBeUndefined();
});

test('the command line says what goes into the configuration', async () => {
  const args = ['image', 'sign', '--key', key, '-o', 'json', '--', ...command];
  const { stdout, status } = spawnSync(new URL('../../../bin/muster', import.meta.url).pathname, args, {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const { signature } = await sign();
  expect(JSON.parse(stdout)).toMatchObject({ signature, operatorKey, command });
});

import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf, readContractSources } from '../../adapters/ledger/contract-sources.ts';
import { contractCode } from './contract-code.ts';

const HERE = fileURLToPath(new URL('../../../', import.meta.url));

describe('the code of the contracts', () => {
  let root: string;
  const output = (name: string) => join(root, 'build/contracts', name);

  /** As the compiler leaves it. */
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'muster-contracts-'));
    cpSync(join(HERE, 'contracts/src'), join(root, 'contracts/src'), { recursive: true });
    symlinkSync(join(HERE, 'node_modules'), join(root, 'node_modules'));
    mkdirSync(join(root, 'build/contracts'), { recursive: true });
    writeFileSync(output('AttestationLedger.json'), '{"bytecode":"0x01"}');
    writeFileSync(output('KeyVault.json'), '{"bytecode":"0x02"}');
    writeFileSync(output('.sources'), fingerprintOf(root, readContractSources(root)));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is what the compiler has made of these sources', async () => {
    expect(await contractCode(root)).toEqual({ attestation: '0x01', keys: '0x02' });
  });

  it('is refused when the sources have changed since, with what to do', async () => {
    appendFileSync(join(root, 'contracts/src/KeyVault.sol'), '// changed\n');
    await expect(contractCode(root)).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
      message: 'the contracts here were compiled from other sources',
      hint: 'run make setup',
    });
  });

  it.each(['KeyVault.json', '.sources'])('is refused without %s', async (name) => {
    rmSync(output(name));
    await expect(contractCode(root)).rejects.toMatchObject({ code: 'NOT_SUPPORTED', hint: 'run make setup' });
  });
});

import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Hex } from '../../../protocol/ledger.ts';

/** The smallest contracts that look like a pipeline's from outside: they tell events, and refuse in each of the ways that there are. */
const SOURCE = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

contract Attestation {
    struct Timing { uint32 a; uint32 b; uint32 c; uint32 d; uint32 e; }
    event GuardEnrolled(address indexed guard, bytes32 indexed site, string siteName);
    event Anchored(bytes32 indexed kind, bytes32 root, uint32 count);
    event Unknown(uint256 value);
    uint32 public counted;
    constructor(address, address, address, Timing memory, uint8) {}
    function enrolGuard(address guard, bytes32 site, string calldata siteName) external {
        require(guard != address(0), "no such guard");
        emit Unknown(1);
        emit GuardEnrolled(guard, site, siteName);
    }
    function anchor(bytes32 kind, bytes32 root, uint32) external {
        emit Anchored(kind, root, ++counted);
    }
}

contract Keys {
    event Acknowledged(uint64 indexed epoch, bytes32 indexed agent);
    constructor(address) {}
    function acknowledge(uint64 epoch, bytes32[] calldata agents) external {
        for (uint256 i = 0; i < agents.length; i++) emit Acknowledged(epoch, agents[i]);
    }
}`;

const Output = z.object({
  contracts: z.object({
    't.sol': z.record(
      z.string(),
      z.object({ evm: z.object({ bytecode: z.object({ object: z.string() }) }) }),
    ),
  }),
});
const Solc = z.custom<{ compile(input: string): string }>(
  (value) => typeof value === 'object' && value !== null && 'compile' in value,
);

/** Bytecode of both, made by npm's solc. */
export function compileSmallContracts(): { readonly attestation: Hex; readonly keys: Hex } {
  const require = createRequire(import.meta.url);
  const solc = Solc.parse(require('solc'));
  const input = {
    language: 'Solidity',
    sources: { 't.sol': { content: SOURCE } },
    settings: { evmVersion: 'london', outputSelection: { '*': { '*': ['evm.bytecode.object'] } } },
  };
  const file = Output.parse(JSON.parse(solc.compile(JSON.stringify(input)))).contracts['t.sol'];
  const bytecode = (name: string): Hex => `0x${file[name]?.evm.bytecode.object ?? ''}`;
  return { attestation: bytecode('Attestation'), keys: bytecode('Keys') };
}

import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Hex } from '../../../protocol/ledger.ts';

/**
 * The smallest contracts that look like a pipeline's from outside: they tell the events of what they are asked, and believe everything
 * (so that what is false can be put into a chain), and refuse in each of the ways that there are.
 */
const SOURCE = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

contract Attestation {
    struct Timing { uint32 a; uint32 b; uint32 c; uint32 d; uint32 e; }
    struct Evidence {
        bytes32 bootId; uint64 pid; uint64 startTime; uint32 incarnation;
        bytes32 decisionHead; bytes32 kemKey; bytes32 frameKey; bytes32 quoteHash;
    }
    event GuardEnrolled(address indexed guard, bytes32 indexed site, string siteName);
    event AgentAdmitted(bytes32 indexed agent, string name, address indexed guard);
    event AgentRegistered(bytes32 indexed agent, uint32 incarnation, uint32 version, bytes32 imageDigest,
        bytes32 referenceCommitment, bytes32 challengesRoot, uint32 challenges);
    event RoundOpened(uint64 indexed round, bytes32 indexed agent, uint32 incarnation, uint32 index, bytes32 nonce,
        bytes32 answerHash, bytes32[] verifiers, uint64 openedAt, uint64 commitBy);
    event Committed(uint64 indexed round, bytes32 indexed agent, Evidence evidence, bytes32 binding, uint64 verdictBy);
    event VerdictGiven(uint64 indexed round, bytes32 indexed agent, bytes32 verifier, bytes32 answer, bool matches,
        bool pass, bytes32 appraisalHash);
    event RoundPassed(uint64 indexed round, bytes32 indexed agent, uint32 incarnation, bytes32 verifier,
        uint64 validUntil, bytes32 rootOfTrust);
    event Revoked(bytes32 indexed agent, uint32 incarnation, string reason);
    event AttestedSetChanged(uint64 version);
    event Anchored(bytes32 indexed kind, bytes32 root, uint32 count);
    event Unknown(uint256 value);
    uint32 public counted;
    uint64 rounds;
    uint64 version;
    mapping(uint64 => bytes32) agents;
    constructor(address, address, address, Timing memory, uint8) {}
    function enrolGuard(address guard, bytes32 site, string calldata siteName) external {
        require(guard != address(0), "no such guard");
        emit Unknown(1);
        emit GuardEnrolled(guard, site, siteName);
    }
    function anchor(bytes32 kind, bytes32 root, uint32) external {
        emit Anchored(kind, root, ++counted);
    }
    function admitAgent(string calldata name, address guard) external {
        emit AgentAdmitted(keccak256(bytes(name)), name, guard);
    }
    function registerIncarnation(bytes32 agent, uint32 incarnation, uint32 v, bytes32 image, bytes32 reference_,
        bytes32 root, uint32 challenges) external {
        emit AgentRegistered(agent, incarnation, v, image, reference_, root, challenges);
    }
    function openRound(bytes32 agent, uint32 index, bytes32 nonce, bytes32 answerHash, bytes32[] calldata) external {
        agents[++rounds] = agent;
        emit RoundOpened(rounds, agent, 1, index, nonce, answerHash, new bytes32[](0), uint64(block.timestamp), uint64(block.timestamp) + 100);
    }
    function commit(uint64 round, Evidence calldata evidence, bytes32 binding, bytes32, bytes32) external {
        emit Committed(round, agents[round], evidence, binding, uint64(block.timestamp) + 100);
    }
    function verdict(uint64 round, bytes32 verifier, bytes32 answer, bool pass, bytes32 appraisal) external {
        emit VerdictGiven(round, agents[round], verifier, answer, true, pass, appraisal);
        if (!pass) return;
        emit RoundPassed(round, agents[round], 1, verifier, uint64(block.timestamp) + 1000, agents[round]);
        emit AttestedSetChanged(++version);
    }
    function revoke(bytes32 agent, string calldata reason) external {
        emit Revoked(agent, 1, reason);
        emit AttestedSetChanged(++version);
    }
}

contract Keys {
    event EpochOpened(uint64 indexed epoch, uint64 indexed setVersion, bytes32 rosterHash, bytes32 steward);
    event Envelope(uint64 indexed epoch, bytes32 indexed agent, bytes sealedKey);
    event Acknowledged(uint64 indexed epoch, bytes32 indexed agent);
    constructor(address) {}
    function openEpoch(uint64 epoch, uint64 setVersion, bytes32 roster, bytes32[] calldata agents, bytes[] calldata envelopes) external {
        emit EpochOpened(epoch, setVersion, roster, agents[0]);
        for (uint256 i = 0; i < agents.length; i++) emit Envelope(epoch, agents[i], envelopes[i]);
    }
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
    settings: {
      evmVersion: 'london',
      optimizer: { enabled: true },
      outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
    },
  };
  const file = Output.parse(JSON.parse(solc.compile(JSON.stringify(input)))).contracts['t.sol'];
  const bytecode = (name: string): Hex => `0x${file[name]?.evm.bytecode.object ?? ''}`;
  return { attestation: bytecode('Attestation'), keys: bytecode('Keys') };
}

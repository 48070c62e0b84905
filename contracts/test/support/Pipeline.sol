// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AttestationLedger} from "../../src/AttestationLedger.sol";
import {IAttestationLedger} from "../../src/IAttestationLedger.sol";
import {KeyVault} from "../../src/KeyVault.sol";
import {vm} from "./Vm.sol";

/// @title A deployed pipeline, and each party's honest part in it. Challenges come one at a time: a tree of one leaf.
abstract contract Pipeline {
    address internal constant ADMIN = address(0xA1);
    address internal constant ORCHESTRATOR = address(0xA2);
    address internal constant REGISTRY = address(0xA3);
    address internal constant STRANGER = address(0xA4);

    uint32 internal constant COMMIT_WITHIN = 5;
    uint32 internal constant VERDICT_WITHIN = 6;
    uint32 internal constant VALIDITY = 60;
    uint32 internal constant PERIOD = 20;
    uint32 internal constant STEWARD_WITHIN = 7;

    AttestationLedger internal ledger;
    KeyVault internal vault;
    address[] internal guards;
    bytes32[] internal agents;
    uint256 private _drawn;

    mapping(bytes32 agent => bytes32) internal promised;
    mapping(uint64 round => bytes32) internal answers;

    function deploy(uint8 verifiersPerRound) internal {
        IAttestationLedger.Timing memory timing =
            IAttestationLedger.Timing(COMMIT_WITHIN, VERDICT_WITHIN, VALIDITY, PERIOD, STEWARD_WITHIN);
        ledger = new AttestationLedger(ADMIN, ORCHESTRATOR, REGISTRY, timing, verifiersPerRound);
        vault = new KeyVault(ledger);
    }

    /// `perGuard` agents behind each of `guardCount` guards, admitted only.
    function admit(uint256 guardCount, uint256 perGuard) internal {
        for (uint256 g = 0; g < guardCount; g++) {
            address guard = address(uint160(0xB0 + g));
            guards.push(guard);
            vm.prank(ADMIN);
            ledger.enrolGuard(guard, bytes32(g), "site");
        }
        for (uint256 i = 0; i < guardCount * perGuard; i++) {
            vm.prank(ORCHESTRATOR);
            agents.push(ledger.admitAgent(string(abi.encodePacked("agent", bytes1(uint8(97 + i)))), guards[i % guardCount]));
        }
    }

    function fresh() internal returns (bytes32) {
        return keccak256(abi.encode("fresh", ++_drawn));
    }

    function leafOf(uint32 index, bytes32 nonce, bytes32 answer) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(index, nonce, keccak256(abi.encode(answer))))));
    }

    function register(bytes32 agent) internal {
        uint32 next = nextIncarnation(agent);
        promised[agent] = 0;
        vm.prank(REGISTRY);
        ledger.registerIncarnation(agent, next, 1, "image", "reference", fresh(), 1);
    }

    /// The seat beside a member, and the member beside a seat.
    function beside(bytes32 agent) internal pure returns (bytes32) {
        return bytes32(uint256(agent) ^ 1);
    }

    /// Both seats count together.
    function nextIncarnation(bytes32 agent) internal view returns (uint32) {
        uint32 own = ledger.agentOf(agent).incarnation;
        uint32 other = ledger.agentOf(beside(agent)).incarnation;
        return (own > other ? own : other) + 1;
    }

    function open(bytes32 agent) internal returns (uint64 round) {
        return openWith(agent, fresh(), fresh());
    }

    function openWith(bytes32 agent, bytes32 nonce, bytes32 answer) internal returns (uint64 round) {
        uint32 index = prepare(agent, nonce, answer);
        round = ledger.openRound(agent, index, nonce, keccak256(abi.encode(answer)), new bytes32[](0));
        answers[round] = answer;
    }

    /// The registry puts the challenge on the ledger.
    function prepare(bytes32 agent, bytes32 nonce, bytes32 answer) internal returns (uint32 index) {
        IAttestationLedger.Agent memory a = ledger.agentOf(agent);
        index = a.nextChallenge;
        bytes32 root = leafOf(index, nonce, answer);
        vm.prank(REGISTRY);
        ledger.addChallenges(agent, a.incarnation, root, a.challenges + 1);
    }

    function evidenceOf(bytes32 agent, bytes32 kemKey) internal view returns (IAttestationLedger.Evidence memory e) {
        e.incarnation = ledger.agentOf(agent).incarnation;
        e.pid = 42;
        e.kemKey = kemKey;
        e.frameKey = keccak256(abi.encode(kemKey));
    }

    function bindingOf(uint64 round, bytes32 agent, IAttestationLedger.Evidence memory e, bytes32 answer)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(block.chainid, address(ledger), round, agent, keccak256(abi.encode(e)), answer)
        );
    }

    /// The agent's usual key: the same in each round of an incarnation.
    function keyOf(bytes32 agent) internal view returns (bytes32) {
        return keccak256(abi.encode(agent, ledger.agentOf(agent).incarnation));
    }

    function commit(uint64 round) internal {
        commitWith(round, answers[round], keyOf(ledger.roundOf(round).agent));
    }

    function commitWith(uint64 round, bytes32 answer, bytes32 kemKey) internal {
        bytes32 agent = ledger.roundOf(round).agent;
        IAttestationLedger.Evidence memory e = evidenceOf(agent, kemKey);
        bytes32 binding = bindingOf(round, agent, e, answer);
        bytes32 reveal = promised[agent];
        bytes32 next = fresh();
        vm.prank(ledger.agentOf(agent).guard);
        ledger.commit(round, e, binding, reveal, keccak256(abi.encode(next)));
        promised[agent] = next;
    }

    function judge(uint64 round, bytes32 verifier, bool pass) internal {
        say(round, verifier, pass, "appraisal");
    }

    function abstain(uint64 round, bytes32 verifier) internal {
        say(round, verifier, false, 0);
    }

    function say(uint64 round, bytes32 verifier, bool pass, bytes32 appraisalHash) private {
        address sender = verifier == 0 ? REGISTRY : ledger.agentOf(verifier).guard;
        bytes32 answer = answers[round];
        vm.prank(sender);
        ledger.verdict(round, verifier, answer, pass, appraisalHash);
    }

    /// A whole round in which everybody is honest.
    function attest(bytes32 agent) internal returns (uint64 round) {
        round = open(agent);
        commit(round);
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        if (verifiers.length == 0) judge(round, 0, true);
        for (uint256 i = 0; i < verifiers.length; i++) judge(round, verifiers[i], true);
    }

    function registerAndAttest(bytes32 agent) internal {
        register(agent);
        attest(agent);
    }

    /// Time that passes while the ledger is there, and somebody looks after its rounds.
    function later(uint256 seconds_) internal {
        ledger.tick(0);
        for (; seconds_ > 4; seconds_ -= 4) {
            vm.warp(block.timestamp + 4);
            ledger.tick(0);
        }
        vm.warp(block.timestamp + seconds_);
    }

    /// Those keyed now, ascending.
    function roster() internal view returns (bytes32[] memory keyed) {
        keyed = new bytes32[](ledger.keyedCount());
        uint256 count = 0;
        for (uint256 i = 0; i < agents.length; i++) {
            if (!ledger.isKeyed(agents[i])) continue;
            uint256 place = count++;
            for (; place > 0 && keyed[place - 1] > agents[i]; place--) keyed[place] = keyed[place - 1];
            keyed[place] = agents[i];
        }
    }

    function rosterHashOf(bytes32[] memory list) internal view returns (bytes32) {
        uint32[] memory incarnations = new uint32[](list.length);
        bytes32[] memory kemKeys = new bytes32[](list.length);
        bytes32[] memory frameKeys = new bytes32[](list.length);
        for (uint256 i = 0; i < list.length; i++) {
            (, incarnations[i], kemKeys[i], frameKeys[i]) = ledger.keysOf(list[i]);
        }
        return keccak256(abi.encode(list, incarnations, kemKeys, frameKeys));
    }

    function envelopesFor(uint256 count) internal pure returns (bytes[] memory envelopes) {
        envelopes = new bytes[](count);
        for (uint256 i = 0; i < count; i++) envelopes[i] = new bytes(80);
    }

    function stewardNow() internal view returns (bytes32) {
        return vault.stewardNow();
    }

    function openEpoch(bytes32[] memory list) internal {
        openEpochAs(ledger.agentOf(stewardNow()).guard, list);
    }

    function openEpochAs(address sender, bytes32[] memory list) internal {
        uint64 epoch = vault.currentEpoch() + 1;
        uint64 version = ledger.attestedSetVersion();
        bytes32 hash = rosterHashOf(list);
        vm.prank(sender);
        vault.openEpoch(epoch, version, hash, list, envelopesFor(list.length));
    }

    /// Everybody in the list holds the epoch.
    function acknowledge(bytes32[] memory list) internal {
        uint64 epoch = vault.currentEpoch();
        bytes32[] memory own = new bytes32[](1);
        for (uint256 i = 0; i < list.length; i++) {
            own[0] = list[i];
            vm.prank(ledger.agentOf(list[i]).guard);
            vault.acknowledge(epoch, own);
        }
    }

    function statusOf(bytes32 agent) internal view returns (IAttestationLedger.Status) {
        return ledger.agentOf(agent).status;
    }

    function phaseOf(uint64 round) internal view returns (IAttestationLedger.Phase) {
        return ledger.roundOf(round).phase;
    }
}

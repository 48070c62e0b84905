// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import "../src/Errors.sol";
import {IAttestationLedger} from "../src/IAttestationLedger.sol";
import {Pipeline} from "./support/Pipeline.sol";
import {vm} from "./support/Vm.sol";

/// @title A successor beside a member: rebirth and upgrade without a moment in which nobody is attested.
contract SuccessionTest is Pipeline {
    bytes32 private a;
    bytes32 private seat;

    function setUp() public {
        deploy(2);
        admit(2, 2);
        for (uint256 i = 0; i < agents.length; i++) registerAndAttest(agents[i]);
        a = agents[0];
        seat = beside(a);
    }

    function test_theMemberGoesOnUntilItsSuccessorHasPassed() public {
        bytes32 kemKey = ledger.agentOf(a).kemKey;
        uint64 version = ledger.attestedSetVersion();
        register(seat);
        uint64 round = open(seat);
        require(ledger.roundOf(round).verifiers.length == 0, "the registry vouches for it at first");
        commit(round);
        require(ledger.isAttested(a) && ledger.agentOf(a).kemKey == kemKey && ledger.agentOf(a).incarnation == 1);
        require(!ledger.isAttested(seat) && ledger.keyedCount() == 4 && ledger.attestedSetVersion() == version);
        bytes32 ofSuccessor = keyOf(seat);
        judge(round, 0, true);
        IAttestationLedger.Agent memory now_ = ledger.agentOf(a);
        require(ledger.isAttested(a) && now_.incarnation == 2 && now_.kemKey == ofSuccessor && now_.round == 0);
        require(keccak256(bytes(now_.name)) == a && now_.guard == guards[0]);
        require(ledger.attestedSetVersion() == version + 1 && ledger.keyedCount() == 4);
        require(statusOf(seat) == IAttestationLedger.Status.None && ledger.agentOf(seat).incarnation == 0);
    }

    function test_afterwardsItIsAMemberAsAnyOther() public {
        registerAndAttest(seat);
        promised[a] = promised[seat];
        later(PERIOD);
        uint64 round = attest(a);
        require(phaseOf(round) == IAttestationLedger.Phase.Passed && ledger.roundOf(round).verifiers.length > 0);
        registerAndAttest(seat);
        require(ledger.agentOf(a).incarnation == 3);
    }

    function test_aRoundOfTheOldIncarnationEndsWithIt() public {
        later(PERIOD);
        uint64 old = open(a);
        commit(old);
        registerAndAttest(seat);
        require(phaseOf(old) == IAttestationLedger.Phase.Failed && ledger.isAttested(a));
        vm.prank(guards[1]);
        vm.expectRevert(NotCommitted.selector);
        ledger.verdict(old, 0, 0, true, 0);
    }

    function test_aSuccessorThatFailsTakesNothingFromItsMember() public {
        register(seat);
        uint64 round = open(seat);
        commitWith(round, "another", "key");
        judge(round, 0, true);
        require(statusOf(seat) == IAttestationLedger.Status.Revoked && ledger.isAttested(a));
        vm.expectRevert(NotRegistered.selector);
        ledger.openRound(seat, 1, "nonce", "hash", new bytes32[](0));
        // Its number is used up.
        vm.prank(REGISTRY);
        vm.expectRevert(WrongIncarnation.selector);
        ledger.registerIncarnation(seat, 2, 1, 0, 0, 0, 1);
        registerAndAttest(seat);
        require(ledger.agentOf(a).incarnation == 3);
    }

    function test_aSuccessorFallsWithItsMember() public {
        register(seat);
        uint64 round = open(seat);
        commit(round);
        vm.prank(guards[0]);
        ledger.revoke(a, "caught");
        require(statusOf(seat) == IAttestationLedger.Status.Revoked);
        require(phaseOf(round) == IAttestationLedger.Phase.Failed);
        vm.prank(REGISTRY);
        vm.expectRevert(NotRegistered.selector);
        ledger.registerIncarnation(seat, 3, 1, 0, 0, 0, 1);
        registerAndAttest(a);
        require(ledger.agentOf(a).incarnation == 3);
    }

    function test_soItDoesWhenTheMemberIsReplacedWithdrawnOrItsGuardRemoved() public {
        register(seat);
        register(a);
        require(statusOf(seat) == IAttestationLedger.Status.Revoked);
        attest(a);
        register(seat);
        vm.prank(ORCHESTRATOR);
        ledger.withdrawAgent(a, "done");
        require(statusOf(seat) == IAttestationLedger.Status.Revoked);
        bytes32 other = beside(agents[1]);
        register(other);
        vm.prank(ADMIN);
        ledger.removeGuard(guards[1]);
        require(statusOf(other) == IAttestationLedger.Status.Revoked);
    }

    function test_itMayBeOfALaterVersionNeverOfAnEarlierOne() public {
        vm.prank(REGISTRY);
        ledger.registerIncarnation(seat, 2, 7, 0, 0, 0, 1);
        attest(seat);
        require(ledger.agentOf(a).version == 7 && ledger.isAttested(a));
        vm.prank(REGISTRY);
        vm.expectRevert(VersionWentDown.selector);
        ledger.registerIncarnation(seat, 3, 6, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        vm.expectRevert(VersionWentDown.selector);
        ledger.registerIncarnation(a, 3, 6, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        ledger.registerIncarnation(seat, 3, 7, 0, 0, 0, 1);
    }

    function test_aLaterVersionThatCameToNothingLeavesTheMemberItsOwn() public {
        vm.prank(REGISTRY);
        ledger.registerIncarnation(seat, 2, 7, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        ledger.revoke(seat, "it has not taken over in time");
        vm.prank(REGISTRY);
        ledger.registerIncarnation(seat, 3, 1, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        ledger.registerIncarnation(a, 4, 1, 0, 0, 0, 1);
        require(ledger.agentOf(a).version == 1);
    }

    function test_onlyTheRegistryAndOnlyBesideALiveMember() public {
        vm.expectRevert();
        ledger.registerIncarnation(seat, 2, 1, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        vm.expectRevert(NotRegistered.selector);
        ledger.registerIncarnation(bytes32(uint256(77)), 1, 1, 0, 0, 0, 1);
    }

    function test_tickEndsItsOverdueRoundsToo() public {
        register(seat);
        uint64 round = open(seat);
        later(COMMIT_WITHIN + 1);
        require(ledger.tick(9) == 1 && phaseOf(round) == IAttestationLedger.Phase.Expired);
        require(statusOf(seat) == IAttestationLedger.Status.Suspended && ledger.isAttested(a));
        open(seat);
        later(COMMIT_WITHIN + 1);
        ledger.tick(9);
        require(statusOf(seat) == IAttestationLedger.Status.Revoked && ledger.isAttested(a));
    }

    function test_aRootOfTrustThatIsRebornStaysTheRoot() public {
        bytes32 root = ledger.rootOfTrust();
        registerAndAttest(beside(root));
        require(ledger.rootOfTrust() == root && ledger.agentOf(root).incarnation == 2);
        openEpoch(roster());
    }
}

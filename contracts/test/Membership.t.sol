// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import "../src/Errors.sol";
import {AttestationLedger} from "../src/AttestationLedger.sol";
import {IAttestationLedger} from "../src/IAttestationLedger.sol";
import {Pipeline} from "./support/Pipeline.sol";
import {vm} from "./support/Vm.sol";

contract MembershipTest is Pipeline {
    bytes32 private a;

    function setUp() public {
        deploy(2);
        admit(2, 2);
        for (uint256 i = 0; i < agents.length; i++) registerAndAttest(agents[i]);
        a = agents[0];
    }

    function test_incarnationsCountUpByOneAndVersionsNeverGoDown() public {
        vm.prank(REGISTRY);
        ledger.registerIncarnation(a, 2, 7, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        vm.expectRevert(WrongIncarnation.selector);
        ledger.registerIncarnation(a, 2, 7, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        vm.expectRevert(WrongIncarnation.selector);
        ledger.registerIncarnation(a, 4, 7, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        vm.expectRevert(VersionWentDown.selector);
        ledger.registerIncarnation(a, 3, 6, 0, 0, 0, 1);
        vm.prank(REGISTRY);
        vm.expectRevert(NoChallenges.selector);
        ledger.registerIncarnation(a, 3, 7, 0, 0, 0, 0);
    }

    function test_aNewIncarnationEndsTheTrustInTheOldOneAndItsRound() public {
        later(PERIOD);
        uint64 round = open(a);
        commit(round);
        uint64 version = ledger.attestedSetVersion();
        register(a);
        require(!ledger.isAttested(a) && ledger.agentOf(a).kemKey == 0 && ledger.agentOf(a).round == 0);
        require(phaseOf(round) == IAttestationLedger.Phase.Failed && ledger.attestedSetVersion() == version + 1);
    }

    function test_revokedComesBackOnlyAsANewIncarnation() public {
        vm.prank(guards[0]);
        ledger.revoke(a, "caught");
        bytes32 answer = fresh();
        vm.prank(REGISTRY);
        vm.expectRevert(NotRegistered.selector);
        ledger.addChallenges(a, 1, leafOf(1, "nonce", answer), 9);
        vm.expectRevert(NotRegistered.selector);
        ledger.openRound(a, 1, "nonce", keccak256(abi.encode(answer)), new bytes32[](0));
        vm.prank(ADMIN);
        vm.expectRevert(NotRegistered.selector);
        ledger.suspend(a, "would soften it");
        registerAndAttest(a);
        require(ledger.isAttested(a) && ledger.agentOf(a).incarnation == 2);
    }

    function test_whoMayThrowOut() public {
        address[4] memory may = [ADMIN, ORCHESTRATOR, REGISTRY, guards[0]];
        for (uint256 i = 0; i < may.length; i++) {
            vm.prank(may[i]);
            ledger.suspend(a, "reason");
        }
        vm.prank(guards[1]);
        vm.expectRevert(NotAllowed.selector);
        ledger.suspend(a, "another's agent");
        vm.prank(STRANGER);
        vm.expectRevert(NotAllowed.selector);
        ledger.revoke(a, "a stranger");
    }

    function test_removingAGuardRevokesItsAgentsAndThoseAlone() public {
        vm.prank(ADMIN);
        ledger.removeGuard(guards[0]);
        require(statusOf(agents[0]) == IAttestationLedger.Status.Revoked);
        require(statusOf(agents[2]) == IAttestationLedger.Status.Revoked);
        require(ledger.isAttested(agents[1]) && ledger.isAttested(agents[3]) && ledger.keyedCount() == 2);
        vm.prank(REGISTRY);
        vm.expectRevert(NotEnrolled.selector);
        ledger.registerIncarnation(a, 2, 1, 0, 0, 0, 1);
        vm.prank(guards[0]);
        vm.expectRevert(NotAllowed.selector);
        ledger.anchor("kind", "root", 1);
    }

    function test_withdrawnAgentsLoseTheirPermissionButNotTheirCounters() public {
        vm.prank(ORCHESTRATOR);
        ledger.withdrawAgent(a, "done");
        require(statusOf(a) == IAttestationLedger.Status.None && ledger.members().length == 3);
        vm.prank(REGISTRY);
        vm.expectRevert(NotAdmitted.selector);
        ledger.registerIncarnation(a, 2, 1, 0, 0, 0, 1);
        vm.prank(ORCHESTRATOR);
        require(ledger.admitAgent("agenta", guards[1]) == a);
        register(a);
        require(ledger.agentOf(a).incarnation == 2 && ledger.agentOf(a).guard == guards[1]);
    }

    function test_thePlanOrdersTheMembers() public {
        bytes32[] memory order = new bytes32[](2);
        order[0] = agents[3];
        order[1] = agents[1];
        vm.prank(ORCHESTRATOR);
        ledger.setPlan(order);
        bytes32[] memory list = ledger.members();
        require(list[0] == agents[3] && list[1] == agents[1] && list[2] == agents[0] && list[3] == agents[2]);
        order[1] = agents[3];
        vm.prank(ORCHESTRATOR);
        vm.expectRevert(NotAMember.selector);
        ledger.setPlan(order);
        vm.prank(ORCHESTRATOR);
        ledger.withdrawAgent(agents[1], "done");
        list = ledger.members();
        require(list.length == 3 && list[0] == agents[3] && list[1] == agents[0] && list[2] == agents[2]);
    }

    function test_rolesAreKept() public {
        vm.expectRevert();
        ledger.enrolGuard(STRANGER, 0, "site");
        vm.expectRevert();
        ledger.removeGuard(guards[0]);
        vm.expectRevert();
        ledger.admitAgent("mine", guards[0]);
        vm.expectRevert();
        ledger.withdrawAgent(a, "mine");
        vm.expectRevert();
        ledger.setPlan(new bytes32[](0));
        vm.expectRevert();
        ledger.registerIncarnation(a, 2, 1, 0, 0, 0, 1);
        vm.expectRevert();
        ledger.addChallenges(a, 1, 0, 99);
        vm.prank(guards[0]);
        ledger.anchor("kind", "root", 1);
        vm.prank(REGISTRY);
        ledger.anchor("kind", "root", 1);
    }

    function test_admissionIsRefusedToUnknownGuardsTwoOfAKindAndBadNames() public {
        vm.prank(ORCHESTRATOR);
        vm.expectRevert(NotEnrolled.selector);
        ledger.admitAgent("new", STRANGER);
        vm.prank(ORCHESTRATOR);
        vm.expectRevert(AlreadyAdmitted.selector);
        ledger.admitAgent("agenta", guards[0]);
        vm.prank(ORCHESTRATOR);
        vm.expectRevert(BadName.selector);
        ledger.admitAgent("", guards[0]);
        vm.prank(ADMIN);
        vm.expectRevert(AlreadyEnrolled.selector);
        ledger.enrolGuard(guards[0], 0, "site");
        for (uint256 i = 0; i < 252; i++) {
            vm.prank(ORCHESTRATOR);
            ledger.admitAgent(string(abi.encodePacked("more", i)), guards[0]);
        }
        vm.prank(ORCHESTRATOR);
        vm.expectRevert(TooManyMembers.selector);
        ledger.admitAgent("one too many", guards[0]);
    }

    function test_deploymentRefusesNonsense() public {
        IAttestationLedger.Timing memory t = IAttestationLedger.Timing(1, 1, 10, 10, 1);
        vm.expectRevert(BadTiming.selector);
        new AttestationLedger(ADMIN, ORCHESTRATOR, REGISTRY, t, 1);
        t.period = 5;
        vm.expectRevert(BadVerifierCount.selector);
        new AttestationLedger(ADMIN, ORCHESTRATOR, REGISTRY, t, 0);
        t.stewardWithin = 0;
        vm.expectRevert(BadTiming.selector);
        new AttestationLedger(ADMIN, ORCHESTRATOR, REGISTRY, t, 1);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import "../src/Errors.sol";
import {Pipeline} from "./support/Pipeline.sol";
import {vm} from "./support/Vm.sol";

contract KeyVaultTest is Pipeline {
    function setUp() public {
        deploy(1);
        admit(4, 1);
        for (uint256 i = 0; i < agents.length; i++) registerAndAttest(agents[i]);
    }

    function test_theRootOfTrustOpensTheFirstEpoch() public {
        require(stewardNow() == agents[3]);
        openEpoch(roster());
        require(vault.currentEpoch() == 1 && vault.epochSetVersion() == ledger.attestedSetVersion());
        acknowledge(roster());
        openEpoch(roster());
        require(vault.currentEpoch() == 2, "renewed for the same set");
    }

    function test_aSilentStewardIsFollowedInTheOrderOfTheMembersRoundAndRound() public {
        bytes32[5] memory order = [agents[3], agents[0], agents[1], agents[2], agents[3]];
        for (uint64 i = 0; i < 5; i++) {
            require(ledger.steward(i * STEWARD_WITHIN) == order[i]);
            require(ledger.steward((i + 1) * STEWARD_WITHIN - 1) == order[i]);
        }
        later(STEWARD_WITHIN);
        bytes32[] memory list = roster();
        vm.expectRevert(NotTheSteward.selector);
        this.openAs(guards[3], list);
        openEpochAs(guards[0], list);
        acknowledge(list);
        later(STEWARD_WITHIN);
        require(stewardNow() == agents[0], "the set has its epoch, from whoever opened it");
    }

    function test_aStewardWhoseEpochMostCannotOpenIsPassedOver() public {
        bytes32[] memory list = roster();
        openEpochAs(guards[3], list);
        // The steward itself says that it holds it, twice, and one more: two of four are not most.
        bytes32[] memory few = new bytes32[](2);
        (few[0], few[1]) = (agents[3], agents[2]);
        acknowledge(few);
        acknowledge(few);
        require(!vault.isHeld() && stewardNow() == 0);
        vm.expectRevert(NotTheSteward.selector);
        this.openAs(guards[3], list);
        later(STEWARD_WITHIN - 1);
        vm.expectRevert(NotTheSteward.selector);
        this.openAs(guards[0], list);
        later(1);
        require(stewardNow() == agents[0], "the next in order");
        vm.expectRevert(NotTheSteward.selector);
        this.openAs(guards[3], list);
        openEpochAs(guards[0], list);
        require(vault.currentEpoch() == 2);
        few = new bytes32[](3);
        (few[0], few[1], few[2]) = (agents[0], agents[1], agents[2]);
        acknowledge(few);
        later(3 * STEWARD_WITHIN);
        require(vault.isHeld() && stewardNow() == agents[0], "it stays with who has served");
        vm.expectRevert(NotTheSteward.selector);
        this.openAs(guards[3], list);
    }

    function test_anEpochThatIsHeldIsRenewedByAnotherOnceItsStewardIsGone() public {
        later(STEWARD_WITHIN);
        openEpochAs(guards[0], roster());
        acknowledge(roster());
        later(PERIOD);
        uint64 version = ledger.attestedSetVersion();
        uint64 round = open(agents[0]);
        commitWith(round, answers[round], 0);
        judge(round, ledger.roundOf(round).verifiers[0], true);
        require(!ledger.isKeyed(agents[0]));
        if (ledger.attestedSetVersion() == version) require(stewardNow() == ledger.steward(0));
        require(ledger.isKeyed(stewardNow()));
    }

    function test_theRosterIsExactlyThoseKeyed() public {
        bytes32[] memory all = roster();
        bytes32[] memory few = new bytes32[](3);
        for (uint256 i = 0; i < 3; i++) few[i] = all[i];
        vm.expectRevert(RosterIncomplete.selector);
        this.openAs(guards[3], few);
        (few[0], few[1]) = (few[1], few[0]);
        vm.expectRevert(NotAscending.selector);
        this.openAs(guards[3], few);
        (few[0], few[1]) = (few[1], few[1]);
        vm.expectRevert(NotAscending.selector);
        this.openAs(guards[3], few);
        vm.prank(ADMIN);
        ledger.revoke(agents[0], "caught");
        vm.expectRevert(NotKeyed.selector);
        this.openAs(guards[3], all);
        require(roster().length == 3);
        openEpoch(roster());
    }

    function test_anAgentWithoutAKemKeyTakesNoPart() public {
        later(PERIOD);
        uint64 round = open(agents[0]);
        commitWith(round, answers[round], 0);
        judge(round, ledger.roundOf(round).verifiers[0], true);
        require(ledger.isAttested(agents[0]) && !ledger.isKeyed(agents[0]) && ledger.keyedCount() == 3);
        require(ledger.rootOfTrust() == agents[0] && stewardNow() == agents[1], "the next in order");
        openEpoch(roster());
    }

    function test_anOldSetIsRefusedAndSoAreWrongEpochsRostersAndEnvelopes() public {
        bytes32[] memory list = roster();
        bytes32 hash = rosterHashOf(list);
        uint64 version = ledger.attestedSetVersion();
        bytes[] memory envelopes = envelopesFor(4);
        vm.prank(guards[3]);
        vm.expectRevert(StaleSet.selector);
        vault.openEpoch(1, version - 1, hash, list, envelopes);
        vm.prank(guards[3]);
        vm.expectRevert(WrongEpoch.selector);
        vault.openEpoch(2, version, hash, list, envelopes);
        vm.prank(guards[3]);
        vm.expectRevert(WrongRoster.selector);
        vault.openEpoch(1, version, "another", list, envelopes);
        envelopes[2] = new bytes(47);
        vm.prank(guards[3]);
        vm.expectRevert(WrongEnvelope.selector);
        vault.openEpoch(1, version, hash, list, envelopes);
        envelopes[2] = new bytes(257);
        vm.prank(guards[3]);
        vm.expectRevert(WrongEnvelope.selector);
        vault.openEpoch(1, version, hash, list, envelopes);
        vm.prank(guards[3]);
        vm.expectRevert(WrongEnvelope.selector);
        vault.openEpoch(1, version, hash, list, envelopesFor(3));
    }

    function test_nobodyKeyedMeansNoEpoch() public {
        later(VALIDITY);
        bytes32[] memory nobody = roster();
        require(stewardNow() == 0 && nobody.length == 0);
        vm.expectRevert(NotTheSteward.selector);
        this.openAs(guards[3], nobody);
    }

    function test_acknowledgementsAreForAttestedAgentsOfTheSender() public {
        openEpoch(roster());
        bytes32[] memory own = new bytes32[](1);
        own[0] = agents[0];
        vm.prank(guards[0]);
        vault.acknowledge(1, own);
        vm.prank(guards[1]);
        vm.expectRevert(NotTheGuard.selector);
        vault.acknowledge(1, own);
        vm.prank(guards[0]);
        vm.expectRevert(WrongEpoch.selector);
        vault.acknowledge(2, own);
        vm.prank(ADMIN);
        ledger.suspend(agents[0], "for now");
        vm.prank(guards[0]);
        vm.expectRevert(NotAttested.selector);
        vault.acknowledge(1, own);
    }

    /// So that a revert can be expected of the whole.
    function openAs(address sender, bytes32[] memory list) external {
        openEpochAs(sender, list);
    }
}

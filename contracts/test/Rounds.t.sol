// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import "../src/Errors.sol";
import {IAttestationLedger} from "../src/IAttestationLedger.sol";
import {Pipeline} from "./support/Pipeline.sol";
import {vm} from "./support/Vm.sol";

/// Three guards with two agents each, two verifiers a round; agents[i] sits behind guards[i % 3].
contract RoundsTest is Pipeline {
    bytes32 private a;

    function setUp() public {
        deploy(2);
        admit(3, 2);
        for (uint256 i = 0; i < agents.length; i++) registerAndAttest(agents[i]);
        a = agents[0];
        later(PERIOD);
    }

    function test_firstRoundOfAnIncarnationIsVerifiedByTheRegistry() public {
        register(a);
        uint64 round = open(a);
        require(ledger.roundOf(round).verifiers.length == 0);
        commit(round);
        judge(round, 0, true);
        require(ledger.isAttested(a) && ledger.agentOf(a).verifiedBy == 0);
    }

    function test_anIncarnationThatMissedItsFirstRoundIsStillVerifiedByTheRegistry() public {
        register(a);
        uint64 round = open(a);
        later(COMMIT_WITHIN + 1);
        ledger.expire(round);
        require(ledger.roundOf(open(a)).verifiers.length == 0);
    }

    function test_rootOfTrustVerifiesFirstAndTheOthersSitBehindOtherGuards() public {
        require(ledger.rootOfTrust() == agents[5]);
        bytes32[] memory verifiers = ledger.roundOf(open(a)).verifiers;
        require(verifiers.length == 2 && verifiers[0] == agents[5], "root first");
        require(ledger.agentOf(verifiers[1]).guard == guards[1], "a third guard");
    }

    function test_passingNeedsEveryVerifierAndMovesTheRoot() public {
        uint64 round = open(a);
        commit(round);
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        judge(round, verifiers[0], true);
        require(phaseOf(round) == IAttestationLedger.Phase.Committed);
        judge(round, verifiers[1], true);
        require(phaseOf(round) == IAttestationLedger.Phase.Passed && ledger.rootOfTrust() == a);
        require(ledger.agentOf(a).validUntil == ledger.roundOf(round).openedAt + VALIDITY);
        require(ledger.agentOf(a).verifiedBy == verifiers[0]);
    }

    function test_unchangedKeysKeepTheVersionOfTheSetAndChangedOnesDoNot() public {
        uint64 version = ledger.attestedSetVersion();
        attest(a);
        require(ledger.attestedSetVersion() == version, "renewal");
        later(PERIOD);
        uint64 round = open(a);
        commitWith(round, answers[round], "another key");
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        judge(round, verifiers[0], true);
        judge(round, verifiers[1], true);
        require(ledger.attestedSetVersion() == version + 1 && ledger.agentOf(a).kemKey == "another key");
    }

    function test_twoRefusalsRevoke() public {
        uint64 round = open(a);
        commit(round);
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        judge(round, verifiers[0], false);
        judge(round, verifiers[1], false);
        require(statusOf(a) == IAttestationLedger.Status.Revoked && phaseOf(round) == IAttestationLedger.Phase.Failed);
        require(ledger.agentOf(a).round == 0);
    }

    function test_disagreementIsDecidedByTheRegistryAndSuspendsWhomItContradicts() public {
        for (uint256 i = 0; i < 2; i++) {
            bool registrySays = i == 0;
            bytes32 agent = agents[i];
            uint64 round = open(agent);
            commit(round);
            bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
            judge(round, verifiers[0], true);
            judge(round, verifiers[1], false);
            require(ledger.roundOf(round).arbitrated && statusOf(agent) == IAttestationLedger.Status.Attested);
            judge(round, 0, registrySays);
            require(ledger.isAttested(agent) == registrySays);
            require(ledger.isAttested(verifiers[0]) == registrySays && ledger.isAttested(verifiers[1]) != registrySays);
        }
    }

    function test_aLoneVerifiersRefusalGoesToTheRegistry() public {
        vm.prank(ADMIN);
        ledger.removeGuard(guards[1]);
        vm.prank(ADMIN);
        ledger.suspend(agents[5], "one is left");
        uint64 round = open(a);
        commit(round);
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        require(verifiers.length == 1 && verifiers[0] == agents[2]);
        judge(round, verifiers[0], false);
        require(ledger.isAttested(a) && ledger.roundOf(round).arbitrated);
    }

    function test_whoAbstainsLeavesItToTheRegistryAndIsNotPunished() public {
        for (uint256 i = 0; i < 2; i++) {
            bool registrySays = i == 0;
            bytes32 agent = agents[i];
            uint64 round = open(agent);
            commit(round);
            bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
            abstain(round, verifiers[0]);
            require(ledger.roundOf(round).arbitrated && ledger.isAttested(agent));
            vm.prank(ledger.agentOf(verifiers[1]).guard);
            vm.expectRevert(RegistryDecides.selector);
            ledger.verdict(round, verifiers[1], answers[round], true, "appraisal");
            judge(round, 0, registrySays);
            require(ledger.isAttested(agent) == registrySays);
            require(ledger.isAttested(verifiers[0]) && ledger.isAttested(verifiers[1]));
        }
    }

    function test_whoAbstainsOnAnAnswerThatDoesNotFitRevokesAllTheSame() public {
        uint64 round = open(a);
        commitWith(round, "another answer", "key");
        abstain(round, ledger.roundOf(round).verifiers[0]);
        require(statusOf(a) == IAttestationLedger.Status.Revoked);
    }

    function test_nobodyBehindAnotherGuardMeansTheRegistry() public {
        vm.prank(ADMIN);
        ledger.removeGuard(guards[1]);
        vm.prank(ADMIN);
        ledger.removeGuard(guards[2]);
        require(ledger.roundOf(open(a)).verifiers.length == 0);
    }

    function test_agentsOfTheSameGuardVerifyWhereThereIsOnlyOne() public {
        for (uint256 i = 0; i < agents.length; i++) {
            if (i % 3 == 0) continue;
            vm.prank(ORCHESTRATOR);
            ledger.withdrawAgent(agents[i], "moved");
        }
        bytes32[] memory verifiers = ledger.roundOf(open(a)).verifiers;
        require(verifiers.length == 1 && verifiers[0] == agents[3]);
    }

    function test_aBindingThatTheAnswerDoesNotOpenRevokesWhateverTheVerifierSays() public {
        uint64 round = open(a);
        commitWith(round, "a guess", "key");
        judge(round, ledger.roundOf(round).verifiers[0], true);
        require(statusOf(a) == IAttestationLedger.Status.Revoked);
    }

    function test_answersAndSendersAreChecked() public {
        uint64 round = open(a);
        bytes32 verifier = ledger.roundOf(round).verifiers[0];
        vm.expectRevert(NotCommitted.selector);
        ledger.verdict(round, verifier, 0, true, 0);
        commit(round);
        vm.prank(ledger.agentOf(verifier).guard);
        vm.expectRevert(WrongAnswer.selector);
        ledger.verdict(round, verifier, "not it", true, 0);
        vm.prank(STRANGER);
        vm.expectRevert(NotTheVerifier.selector);
        ledger.verdict(round, verifier, answers[round], true, 0);
        vm.prank(REGISTRY);
        vm.expectRevert(NotTheVerifier.selector);
        ledger.verdict(round, 0, answers[round], true, 0);
        vm.prank(ledger.agentOf(a).guard);
        vm.expectRevert(NotTheVerifier.selector);
        ledger.verdict(round, a, answers[round], true, 0);
        judge(round, verifier, true);
        vm.prank(ledger.agentOf(verifier).guard);
        vm.expectRevert(NotTheVerifier.selector);
        ledger.verdict(round, verifier, answers[round], true, 0);
    }

    function test_aVerifierThatLostItsAttestationMayNotJudge() public {
        uint64 round = open(a);
        commit(round);
        bytes32 verifier = ledger.roundOf(round).verifiers[0];
        vm.prank(ADMIN);
        ledger.suspend(verifier, "for now");
        vm.prank(ledger.agentOf(verifier).guard);
        vm.expectRevert(NotAttested.selector);
        ledger.verdict(round, verifier, answers[round], true, 0);
        // Nor does another incarnation inherit its seat.
        registerAndAttest(verifier);
        vm.prank(ledger.agentOf(verifier).guard);
        vm.expectRevert(NotAttested.selector);
        ledger.verdict(round, verifier, answers[round], true, 0);
    }

    function test_commitIsForTheGuardInTimeWithTheRightIncarnationAndReveal() public {
        uint64 round = open(a);
        IAttestationLedger.Evidence memory e = evidenceOf(a, "key");
        vm.prank(STRANGER);
        vm.expectRevert(NotTheGuard.selector);
        ledger.commit(round, e, "binding", promised[a], 0);
        vm.prank(guards[0]);
        vm.expectRevert(WrongReveal.selector);
        ledger.commit(round, e, "binding", "another", 0);
        e.incarnation++;
        vm.prank(guards[0]);
        vm.expectRevert(WrongIncarnation.selector);
        ledger.commit(round, e, "binding", promised[a], 0);
        later(COMMIT_WITHIN + 1);
        e.incarnation--;
        vm.prank(guards[0]);
        vm.expectRevert(TooLate.selector);
        ledger.commit(round, e, "binding", promised[a], 0);
    }

    function test_challengesAreUsedOnceInOrderAndProven() public {
        bytes32 answer = fresh();
        bytes32 nonce = fresh();
        bytes32 hash = keccak256(abi.encode(answer));
        uint32 index = prepare(a, nonce, answer);
        bytes32[] memory none = new bytes32[](0);
        vm.expectRevert(WrongProof.selector);
        ledger.openRound(a, index, nonce, "other", none);
        vm.expectRevert(NotTheNextChallenge.selector);
        ledger.openRound(a, index + 1, nonce, hash, none);
        vm.expectRevert(NoChallengesLeft.selector);
        ledger.openRound(a, index + 2, nonce, hash, none);
        vm.expectRevert(ChallengeUsed.selector);
        ledger.openRound(a, index - 1, nonce, hash, none);
        ledger.openRound(a, index, nonce, hash, none);
        vm.expectRevert(RoundUnderWay.selector);
        ledger.openRound(a, index, nonce, hash, none);
        // The same nonce for another agent, well proven.
        uint32 other = prepare(agents[1], nonce, answer);
        vm.expectRevert(ChallengeUsed.selector);
        ledger.openRound(agents[1], other, nonce, hash, none);
    }

    function test_challengesOfATreeOfFour() public {
        bytes32[] memory leaves = new bytes32[](4);
        for (uint32 i = 0; i < 4; i++) leaves[i] = leafOf(i, bytes32(uint256(i)), bytes32(uint256(i)));
        bytes32 left = pair(leaves[0], leaves[1]);
        bytes32 right = pair(leaves[2], leaves[3]);
        vm.prank(REGISTRY);
        ledger.registerIncarnation(a, 2, 1, "image", "reference", pair(left, right), 4);
        for (uint32 i = 0; i < 4; i++) {
            bytes32[] memory proof = new bytes32[](2);
            proof[0] = leaves[i ^ 1];
            proof[1] = i < 2 ? right : left;
            uint64 round =
                ledger.openRound(a, i, bytes32(uint256(i)), keccak256(abi.encode(bytes32(uint256(i)))), proof);
            require(ledger.roundOf(round).index == i && ledger.agentOf(a).nextChallenge == i + 1);
            later(COMMIT_WITHIN + 1);
            if (i == 0) ledger.expire(round);
            else break;
        }
    }

    function test_anAttestedAgentIsNotDueBeforeItsPeriod() public {
        attest(a);
        later(PERIOD - 1);
        bytes32 answer = fresh();
        uint32 index = prepare(a, "nonce", answer);
        vm.expectRevert(NotDue.selector);
        ledger.openRound(a, index, "nonce", keccak256(abi.encode(answer)), new bytes32[](0));
        later(1);
        ledger.openRound(a, index, "nonce", keccak256(abi.encode(answer)), new bytes32[](0));
    }

    function test_oneMissSuspendsAndTwoRevoke() public {
        uint64 round = open(a);
        vm.expectRevert(NotOverdue.selector);
        ledger.expire(round);
        later(COMMIT_WITHIN);
        vm.expectRevert(NotOverdue.selector);
        ledger.expire(round);
        later(1);
        ledger.expire(round);
        require(statusOf(a) == IAttestationLedger.Status.Suspended && !ledger.isAttested(a));
        round = open(a);
        later(COMMIT_WITHIN + 1);
        ledger.expire(round);
        require(statusOf(a) == IAttestationLedger.Status.Revoked);
    }

    function test_passingForgetsAMiss() public {
        uint64 round = open(a);
        later(COMMIT_WITHIN + 1);
        ledger.expire(round);
        attest(a);
        require(ledger.isAttested(a) && ledger.agentOf(a).misses == 0);
    }

    function test_timeInWhichTheLedgerWasAwayCountsAgainstNobody() public {
        uint64 round = open(a);
        uint64 commitBy = ledger.roundOf(round).commitBy;
        vm.warp(block.timestamp + 15);
        commit(round);
        require(ledger.roundOf(round).commitBy == commitBy + 10, "5 s count, 10 do not");
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        uint64 verdictBy = ledger.roundOf(round).verdictBy;
        vm.warp(block.timestamp + 12);
        require(ledger.tick(10) == 0, "nobody was silent");
        require(ledger.roundOf(round).verdictBy == verdictBy + 7 && ledger.isAttested(verifiers[0]));
        later(VERDICT_WITHIN + 1);
        require(ledger.tick(10) > 0 && statusOf(verifiers[0]) == IAttestationLedger.Status.Suspended, "then it counts");
    }

    function test_validityRunsOutWhetherTheLedgerIsThereOrNot() public {
        open(a);
        vm.warp(ledger.agentOf(a).validUntil);
        ledger.tick(0);
        require(!ledger.isAttested(a), "past its time");
        require(ledger.agentOf(a).validUntil == block.timestamp, "not moved");
    }

    function test_silentVerifierIsSuspendedAndReplacedThenTheRegistryThenNobodyIsPunished() public {
        uint64 round = open(a);
        commit(round);
        bytes32[] memory first = ledger.roundOf(round).verifiers;
        judge(round, first[1], true);
        later(VERDICT_WITHIN + 1);
        ledger.expire(round);
        bytes32[] memory second = ledger.roundOf(round).verifiers;
        require(statusOf(first[0]) == IAttestationLedger.Status.Suspended, "silent");
        require(ledger.isAttested(first[1]) && second[1] == first[1], "spoke");
        require(second[0] != first[0] && ledger.isAttested(second[0]) && second[0] != a, "successor");
        require(ledger.agentOf(second[0]).guard == guards[2], "a guard without a seat");
        later(VERDICT_WITHIN + 1);
        ledger.expire(round);
        require(statusOf(second[0]) == IAttestationLedger.Status.Suspended && ledger.roundOf(round).arbitrated);
        vm.prank(ledger.agentOf(second[0]).guard);
        vm.expectRevert(NotTheVerifier.selector);
        ledger.verdict(round, second[0], answers[round], true, 0);
        later(VERDICT_WITHIN + 1);
        ledger.expire(round);
        require(phaseOf(round) == IAttestationLedger.Phase.Expired && ledger.agentOf(a).round == 0);
        require(ledger.isAttested(a) && ledger.agentOf(a).misses == 0, "not punished");
    }

    function test_aSuccessorsPassCounts() public {
        uint64 round = open(a);
        commit(round);
        later(VERDICT_WITHIN + 1);
        ledger.expire(round);
        bytes32[] memory second = ledger.roundOf(round).verifiers;
        judge(round, second[0], true);
        judge(round, second[1], true);
        require(phaseOf(round) == IAttestationLedger.Phase.Passed);
    }

    function test_theRootFallsBackToWhoVerifiedIt() public {
        attest(a);
        bytes32 by = ledger.agentOf(a).verifiedBy;
        vm.prank(ADMIN);
        ledger.revoke(a, "caught");
        require(by != 0 && ledger.rootOfTrust() == by);
        vm.prank(ADMIN);
        ledger.revoke(by, "caught too");
        require(ledger.rootOfTrust() == 0);
    }

    function test_tickEndsWhatIsOverdueAndNoMoreThanAsked() public {
        uint64 round = open(a);
        require(ledger.tick(10) == 0);
        later(VALIDITY);
        require(ledger.tick(0) == 0 && ledger.tick(2) == 2 && phaseOf(round) == IAttestationLedger.Phase.Expired);
        uint32 done = ledger.tick(100);
        require(done == 4 && ledger.tick(100) == 0, "five others, one of them done");
        for (uint256 i = 0; i < agents.length; i++) {
            require(statusOf(agents[i]) == IAttestationLedger.Status.Suspended);
        }
        require(ledger.keyedCount() == 0 && ledger.rootOfTrust() == 0);
    }

    function test_validityRunsOutByItself() public {
        vm.expectRevert(StillValid.selector);
        ledger.expireValidity(a);
        later(VALIDITY - PERIOD);
        require(!ledger.isAttested(a) && ledger.rootOfTrust() == 0 && statusOf(a) == IAttestationLedger.Status.Attested);
        uint64 version = ledger.attestedSetVersion();
        ledger.expireValidity(a);
        require(ledger.attestedSetVersion() == version + 1 && ledger.agentOf(a).misses == 0);
    }

    function test_suspensionVoidsEvidenceFromBeforeIt() public {
        uint64 round = open(a);
        commit(round);
        vm.prank(guards[0]);
        ledger.suspend(a, "anomaly");
        require(phaseOf(round) == IAttestationLedger.Phase.Failed && statusOf(a) == IAttestationLedger.Status.Suspended);
        attest(a);
        require(ledger.isAttested(a));
    }

    /// Whoever is honest passes, at any moment within the deadlines.
    function testFuzz_honestRoundsPassWithinTheirDeadlines(uint8 who, uint8 commitAfter, uint8 verdictAfter) public {
        bytes32 agent = agents[who % agents.length];
        uint64 round = open(agent);
        later(commitAfter % (COMMIT_WITHIN + 1));
        commit(round);
        later(verdictAfter % (VERDICT_WITHIN + 1));
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        for (uint256 i = 0; i < verifiers.length; i++) judge(round, verifiers[i], true);
        require(phaseOf(round) == IAttestationLedger.Phase.Passed);
    }

    /// No answer but the committed one is accepted, and no binding of another answer passes.
    function testFuzz_guessesNeverPass(bytes32 guess, bool pass) public {
        uint64 round = open(a);
        vm.assume(guess != answers[round]);
        commitWith(round, guess, "key");
        bytes32 verifier = ledger.roundOf(round).verifiers[0];
        vm.prank(ledger.agentOf(verifier).guard);
        vm.expectRevert(WrongAnswer.selector);
        ledger.verdict(round, verifier, guess, pass, 0);
        judge(round, verifier, pass);
        require(statusOf(a) == IAttestationLedger.Status.Revoked);
    }

    function pair(bytes32 x, bytes32 y) private pure returns (bytes32) {
        return x < y ? keccak256(abi.encode(x, y)) : keccak256(abi.encode(y, x));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import "./Errors.sol";
import {Election} from "./Election.sol";

/// @title Rounds of attestation: challenge, commit, verdict, and what becomes of whoever lets a deadline pass.
/// @dev Up to and including a deadline the party may still act, after it only `expire` may: never both.
abstract contract Rounds is Election {
    uint8 private constant MISSES_TO_REVOKE = 2;
    uint256 private constant REFUSALS_TO_REVOKE = 2;
    /// Longest time without a call that counts in full against deadlines, s: while a round is under way somebody ticks more often.
    uint64 private constant QUIET = 5;

    /// Goes before whatever a deadline decides about. While the ledger is away nobody can act: that time counts against nobody.
    modifier counted() {
        uint64 quiet = uint64(block.timestamp) - _heardAt;
        _heardAt = uint64(block.timestamp);
        if (quiet > QUIET) _moveDeadlines(quiet - QUIET);
        _;
    }

    function openRound(bytes32 agent, uint32 index, bytes32 nonce, bytes32 answerHash, bytes32[] calldata proof)
        external
        override
        counted
        returns (uint64 round)
    {
        _mayOpen(agent);
        _useChallenge(agent, index, nonce, answerHash, proof);
        round = ++_lastRound;
        Agent storage a = _agents[agent];
        Round storage r = _rounds[round];
        a.round = round;
        a.lastOpened = uint64(block.timestamp);
        r.agent = agent;
        r.phase = Phase.Challenged;
        r.incarnation = a.incarnation;
        r.index = index;
        r.openedAt = uint64(block.timestamp);
        r.commitBy = uint64(block.timestamp) + _timing.commitWithin;
        r.nonce = nonce;
        r.answerHash = answerHash;
        // Validity is zero until the incarnation has passed once: nobody but the registry vouches for it till then.
        if (a.validUntil != 0) r.verifiers = _elect(agent, round);
        emit RoundOpened(round, agent, r.incarnation, index, nonce, answerHash, r.verifiers, r.openedAt, r.commitBy);
    }

    function commit(uint64 round, Evidence calldata evidence, bytes32 binding, bytes32 reveal, bytes32 nextDraw)
        external
        override
        counted
    {
        Round storage r = _rounds[round];
        if (r.phase != Phase.Challenged) revert NotChallenged();
        if (block.timestamp > r.commitBy) revert TooLate();
        bytes32 agent = r.agent;
        Agent storage a = _agents[agent];
        if (msg.sender != a.guard) revert NotTheGuard();
        if (evidence.incarnation != r.incarnation) revert WrongIncarnation();
        _mixBeacon(a.drawCommitment, reveal);
        a.drawCommitment = nextDraw;
        _offered[agent] = Keys(evidence.kemKey, evidence.frameKey);
        r.phase = Phase.Committed;
        r.evidenceHash = keccak256(abi.encode(evidence));
        r.binding = binding;
        r.verdictBy = _nextVerdictBy();
        emit Committed(round, agent, evidence, binding, r.verdictBy);
    }

    function verdict(uint64 round, bytes32 verifier, bytes32 answer, bool pass, bytes32 appraisalHash)
        external
        override
        counted
    {
        Round storage r = _rounds[round];
        if (r.phase != Phase.Committed) revert NotCommitted();
        if (block.timestamp > r.verdictBy) revert TooLate();
        _mayJudge(round, verifier);
        if (keccak256(abi.encode(answer)) != r.answerHash) revert WrongAnswer();
        bool matches = _binding(round, answer) == r.binding;
        emit VerdictGiven(round, r.agent, verifier, answer, matches, pass, appraisalHash);
        if (!matches) _fail(round, "its answer does not open its commitment");
        else if (verifier == REGISTRY) _decide(round, pass);
        else _count(round, verifier, pass ? Word.Passed : appraisalHash == 0 ? Word.Abstained : Word.Refused);
    }

    function expire(uint64 round) external override counted {
        if (!_isOverdue(round)) revert NotOverdue();
        _expire(round);
    }

    function expireValidity(bytes32 agent) external override {
        if (!_hasLapsed(agent)) revert StillValid();
        _lapse(agent);
    }

    function tick(uint32 most) external override counted returns (uint32 done) {
        for (uint256 i = 0; i < 2 * _members.length && done < most; i++) {
            bytes32 agent = i % 2 == 0 ? _members[i / 2] : _beside(_members[i / 2]);
            uint64 round = _agents[agent].round;
            if (round != 0 && _isOverdue(round)) {
                _expire(round);
                done++;
            }
            if (done < most && _hasLapsed(agent)) {
                _lapse(agent);
                done++;
            }
        }
    }

    function _moveDeadlines(uint64 by) private {
        bool moved = false;
        for (uint256 i = 0; i < 2 * _members.length; i++) {
            bytes32 agent = i % 2 == 0 ? _members[i / 2] : _beside(_members[i / 2]);
            uint64 round = _agents[agent].round;
            if (round == 0) continue;
            Round storage r = _rounds[round];
            if (r.phase == Phase.Challenged) r.commitBy += by;
            else r.verdictBy += by;
            moved = true;
        }
        if (moved) emit DeadlinesMoved(by);
    }

    function _mayOpen(bytes32 agent) private view {
        Agent storage a = _agents[agent];
        if (!_isLive(a.status)) revert NotRegistered();
        if (a.round != 0) revert RoundUnderWay();
        if (a.status == Status.Attested && block.timestamp < a.lastOpened + _timing.period) revert NotDue();
    }

    /// The nonce is remembered beside the index, since another incarnation could be registered with the same challenges.
    function _useChallenge(bytes32 agent, uint32 index, bytes32 nonce, bytes32 answerHash, bytes32[] calldata proof)
        private
    {
        Agent storage a = _agents[agent];
        if (index < a.nextChallenge || _nonceUsed[nonce]) revert ChallengeUsed();
        if (index >= a.challenges) revert NoChallengesLeft();
        if (index != a.nextChallenge) revert NotTheNextChallenge();
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(index, nonce, answerHash))));
        if (!MerkleProof.verifyCalldata(proof, _challengesRoot[agent], leaf)) revert WrongProof();
        a.nextChallenge = index + 1;
        _nonceUsed[nonce] = true;
    }

    /// A wrong reveal is refused, so that withholding it costs the round.
    function _mixBeacon(bytes32 promised, bytes32 reveal) private {
        if (promised == 0) return;
        if (keccak256(abi.encode(reveal)) != promised) revert WrongReveal();
        _beacon = keccak256(abi.encode(_beacon, reveal));
    }

    function _mayJudge(uint64 round, bytes32 verifier) private view {
        Round storage r = _rounds[round];
        bool registryDecides = r.arbitrated || r.verifiers.length == 0;
        if (verifier == REGISTRY) {
            if (!registryDecides || !hasRole(REGISTRY_ROLE, msg.sender)) revert NotTheVerifier();
            return;
        }
        Seat storage seat = _seats[round][verifier];
        if (seat.word != Word.Elected || msg.sender != _agents[verifier].guard) revert NotTheVerifier();
        if (registryDecides) revert RegistryDecides();
        if (!isAttested(verifier) || _agents[verifier].incarnation != seat.incarnation) revert NotAttested();
    }

    function _binding(uint64 round, bytes32 answer) private view returns (bytes32) {
        Round storage r = _rounds[round];
        return keccak256(abi.encode(block.chainid, address(this), round, r.agent, r.evidenceHash, answer));
    }

    /// One refusal among several verifiers, or a lone one, does not throw an agent out: the registry looks again. So it does for whoever
    /// abstains, which contradicts nothing and is not punished.
    function _count(uint64 round, bytes32 verifier, Word word) private {
        Round storage r = _rounds[round];
        _seats[round][verifier].word = word;
        if (word == Word.Abstained) return _arbitrate(round);
        if (word == Word.Passed) r.passes++;
        else r.refusals++;
        uint256 seats = r.verifiers.length;
        if (r.passes == seats) _pass(round, r.verifiers[0]);
        else if (r.refusals == seats && seats >= REFUSALS_TO_REVOKE) _fail(round, "refused by its verifiers");
        else if (r.passes + r.refusals == seats) _arbitrate(round);
    }

    function _decide(uint64 round, bool pass) private {
        bytes32[] memory verifiers = _rounds[round].verifiers;
        if (pass) _pass(round, REGISTRY);
        else _fail(round, "refused by the registry");
        Word contradicted = pass ? Word.Refused : Word.Passed;
        for (uint256 i = 0; i < verifiers.length; i++) {
            if (_seats[round][verifiers[i]].word == contradicted) {
                _punish(round, verifiers[i], "the registry contradicted its verdict");
            }
        }
    }

    function _pass(uint64 round, bytes32 by) private {
        Round storage r = _rounds[round];
        bytes32 agent = _isSeat(r.agent) ? _succeed(r.agent) : r.agent;
        Agent storage a = _agents[agent];
        Keys storage keys = _offered[agent];
        bool changes = !isAttested(agent) || a.kemKey != keys.kem || a.frameKey != keys.frame;
        r.phase = Phase.Passed;
        a.round = 0;
        a.status = Status.Attested;
        a.misses = 0;
        a.validUntil = r.openedAt + _timing.validity;
        a.verifiedBy = by;
        a.kemKey = keys.kem;
        a.frameKey = keys.frame;
        // A verdict may come so late that the validity is over already: such an agent is at the root of nothing.
        bool attested = isAttested(agent);
        emit RoundPassed(round, agent, r.incarnation, by, a.validUntil, attested ? agent : rootOfTrust());
        if (changes) _attestedSetChanges();
        if (attested) _moveRoot(agent);
    }

    function _fail(uint64 round, string memory reason) private {
        bytes32 agent = _rounds[round].agent;
        _revoke(agent, reason);
    }

    function _arbitrate(uint64 round) private {
        Round storage r = _rounds[round];
        r.arbitrated = true;
        r.verdictBy = _nextVerdictBy();
        emit Arbitration(round, r.verdictBy);
    }

    function _isOverdue(uint64 round) private view returns (bool) {
        Round storage r = _rounds[round];
        if (r.phase == Phase.Challenged) return block.timestamp > r.commitBy;
        return r.phase == Phase.Committed && block.timestamp > r.verdictBy;
    }

    function _expire(uint64 round) private {
        Round storage r = _rounds[round];
        if (r.phase == Phase.Challenged) _missCommit(round);
        else if (r.arbitrated || r.verifiers.length == 0) _end(round, REGISTRY);
        else _replaceSilent(round);
    }

    function _missCommit(uint64 round) private {
        bytes32 agent = _rounds[round].agent;
        _end(round, agent);
        if (++_agents[agent].misses >= MISSES_TO_REVOKE) _revoke(agent, "missed two rounds");
        else _suspend(agent, "missed a round");
    }

    /// The agent is not punished for the registry's silence: what validity it has runs on.
    function _end(uint64 round, bytes32 silent) private {
        Round storage r = _rounds[round];
        r.phase = Phase.Expired;
        _agents[r.agent].round = 0;
        emit RoundExpired(round, r.agent, silent);
    }

    /// First silence: the next in the draw. Second silence, or nobody left to draw: the registry.
    function _replaceSilent(uint64 round) private {
        Round storage r = _rounds[round];
        uint256 silent = _punishSilent(round);
        bytes32[] memory successors;
        if (!_replaced[round]) successors = _electSuccessors(r.agent, round, silent);
        if (successors.length == 0) return _arbitrate(round);
        _replaced[round] = true;
        r.verdictBy = _nextVerdictBy();
        uint256 next = 0;
        for (uint256 i = 0; i < r.verifiers.length; i++) {
            bytes32 verifier = r.verifiers[i];
            if (_seats[round][verifier].word != Word.Silent) continue;
            emit VerifierReplaced(round, verifier, successors[next], r.verdictBy);
            r.verifiers[i] = successors[next++];
        }
    }

    function _punishSilent(uint64 round) private returns (uint256 silent) {
        Round storage r = _rounds[round];
        for (uint256 i = 0; i < r.verifiers.length; i++) {
            bytes32 verifier = r.verifiers[i];
            if (_seats[round][verifier].word != Word.Elected) continue;
            _seats[round][verifier].word = Word.Silent;
            silent++;
            emit RoundExpired(round, r.agent, verifier);
            _punish(round, verifier, "silent as a verifier");
        }
    }

    /// Only the incarnation that was elected answers for what it said, or did not say.
    function _punish(uint64 round, bytes32 verifier, string memory reason) private {
        Agent storage v = _agents[verifier];
        if (v.status == Status.Attested && v.incarnation == _seats[round][verifier].incarnation) {
            _suspend(verifier, reason);
        }
    }

    function _nextVerdictBy() private view returns (uint64) {
        return uint64(block.timestamp) + _timing.verdictWithin;
    }
}

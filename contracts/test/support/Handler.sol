// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAttestationLedger} from "../../src/IAttestationLedger.sol";
import {Pipeline} from "./Pipeline.sol";
import {vm} from "./Vm.sol";

/// @title The parties of a pipeline acting at random, mostly within their rights; remembers what it saw for the invariants.
/// @dev One call in eight tries what must be refused; such a call reverts and leaves no trace here.
contract Handler is Pipeline {
    uint256 private constant OFFENCE = 8;

    mapping(uint64 round => bool) private _honest;
    mapping(uint64 round => mapping(bytes32 verifier => uint32 incarnation)) private _electedAs;
    mapping(uint64 round => mapping(bytes32 verifier => bool)) private _hasSpoken;
    mapping(bytes32 agent => bool) private _attestedAhead;
    mapping(bytes32 nonce => uint256) private _opened;
    bytes32[] private _nonces;
    mapping(bytes32 agent => uint32) private _lastVersion;
    mapping(bytes32 agent => uint32) private _lastIncarnation;
    mapping(bytes32 agent => uint32) private _lastOfBoth;
    mapping(bytes32 agent => uint32) private _revokedAs;
    bytes32 private _lastSet;
    uint64 private _lastSetVersion;

    /// The first promise seen broken; empty while none is.
    string public broken;
    uint64 public rounds;
    uint256 public passes;
    uint256 public epochs;
    uint256 public successions;

    modifier watched() {
        _;
        _watch();
    }

    constructor(uint8 verifiersPerRound, uint256 guardCount, uint256 perGuard) {
        deploy(verifiersPerRound);
        admit(guardCount, perGuard);
        for (uint256 i = 0; i < agents.length; i++) registerAndAttest(agents[i]);
        later(PERIOD);
        _watch();
    }

    // What happens

    function opens(uint256 seed) external watched {
        seed = _mix(seed);
        (bytes32 agent, bool found) = _pick(seed, _isDue);
        if (!found) return later(1 + seed % PERIOD);
        bool again = _offends(seed) && _nonces.length > 0;
        bytes32 nonce = again ? _nonces[seed % _nonces.length] : fresh();
        uint64 round = openWith(agent, nonce, fresh());
        if (++_opened[nonce] > 1) _break("2: a nonce is used once");
        _nonces.push(nonce);
        rounds = round;
        _noteElected(round);
    }

    function commits(uint256 seed) external watched {
        seed = _mix(seed);
        (bytes32 agent, bool found) = _pick(seed, _isChallenged);
        if (!found) return _openAny(seed);
        uint64 round = ledger.agentOf(agent).round;
        bool lies = _offends(seed);
        bytes32 kemKey = seed % 5 == 0 ? bytes32(seed) : seed % 5 == 1 ? bytes32(0) : keyOf(agent);
        commitWith(round, lies ? bytes32(seed) : answers[round], kemKey);
        _honest[round] = !lies;
    }

    function judges(uint256 seed) external watched {
        seed = _mix(seed);
        (bytes32 agent, bool found) = _pick(seed, _isCommitted);
        if (!found) return _openAny(seed);
        _judgeOnce(ledger.agentOf(agent).round, seed);
    }

    /// A round from challenge to verdict, so that the pipeline also thrives.
    function attests(uint256 seed) external watched {
        seed = _mix(seed);
        (bytes32 agent, bool found) = _pick(seed, _isDue);
        if (!found) return later(1 + seed % 5);
        uint64 round = open(agent);
        rounds = round;
        _noteElected(round);
        commit(round);
        _honest[round] = true;
        uint256 seats = ledger.roundOf(round).verifiers.length;
        for (uint256 i = 0; i < (seats == 0 ? 1 : seats); i++) {
            if (phaseOf(round) == IAttestationLedger.Phase.Committed) _judgeAs(round, _speaker(round, i), true);
        }
    }

    function expires(uint256 seed) external watched {
        seed = _mix(seed);
        (bytes32 agent, bool found) = _pick(seed, _hasRound);
        if (!found) return later(1 + seed % 7);
        uint64 round = ledger.agentOf(agent).round;
        if (!_offends(seed)) later(_deadlineOf(round) + 1 - block.timestamp);
        ledger.expire(round);
        if (phaseOf(round) == IAttestationLedger.Phase.Committed) _noteElected(round);
    }

    function ticks(uint256 seed) external watched {
        seed = _mix(seed);
        later(seed % 8);
        // One tick may suspend whom it has elected a moment before: who was attested is asked ahead of it.
        for (uint256 i = 0; i < agents.length; i++) _attestedAhead[agents[i]] = ledger.isAttested(agents[i]);
        ledger.tick(uint32(seed % 4));
        for (uint256 i = 0; i < agents.length; i++) {
            uint64 round = ledger.agentOf(agents[i]).round;
            if (round != 0) _noteElected(round);
        }
        for (uint256 i = 0; i < agents.length; i++) _attestedAhead[agents[i]] = false;
    }

    function timePasses(uint256 seed) external watched {
        seed = _mix(seed);
        later(seed % 16 == 0 ? VALIDITY : seed % 6);
    }

    function registers(uint256 seed) external watched {
        seed = _mix(seed);
        bytes32 agent = _any(seed);
        IAttestationLedger.Agent memory a = ledger.agentOf(agent);
        if (a.status == IAttestationLedger.Status.None) return _readmit(seed, agent);
        // Those in good standing are seldom reborn, or nothing would ever grow old here.
        if (a.status != IAttestationLedger.Status.Revoked && seed % 4 != 0) return;
        uint32 version = _offends(seed) && a.version > 0 ? a.version - 1 : a.version + uint32(seed % 2);
        uint32 next = _offends(seed >> 8) ? nextIncarnation(agent) + 1 : nextIncarnation(agent);
        promised[agent] = 0;
        vm.prank(REGISTRY);
        ledger.registerIncarnation(agent, next, version, 0, 0, 0, 1);
    }

    /// A successor is registered beside a member, or gets on with its round there: commits, is judged, is thrown out.
    function succeeds(uint256 seed) external watched {
        seed = _mix(seed);
        (bytes32 agent, bool found) = _pick(seed, _isLive);
        if (!found) return;
        bytes32 seat = beside(agent);
        IAttestationLedger.Agent memory s = ledger.agentOf(seat);
        if (!_lives(s.status)) {
            promised[seat] = 0;
            uint32 next = nextIncarnation(seat) + (_offends(seed) ? 1 : 0);
            uint32 version = ledger.agentOf(agent).version;
            if (s.version > version) version = s.version;
            vm.prank(REGISTRY);
            ledger.registerIncarnation(seat, next, version, 0, 0, 0, 1);
            if (seed % 3 == 0) return;
            rounds = open(seat);
            commit(rounds);
            _honest[rounds] = true;
        } else if (s.round == 0) {
            rounds = open(seat);
        } else if (_isChallenged(seat)) {
            bool lies = _offends(seed);
            commitWith(s.round, lies ? bytes32(seed) : answers[s.round], keyOf(seat));
            _honest[s.round] = !lies;
        } else if (seed % 8 == 1) {
            vm.prank(s.guard);
            ledger.revoke(seat, "its process has ended");
        } else if (_isCommitted(seat)) {
            bool wasAttested = ledger.isAttested(agent);
            _judgeAs(s.round, 0, seed % 4 != 0);
            if (phaseOf(s.round) == IAttestationLedger.Phase.Passed) {
                successions++;
                promised[agent] = promised[seat];
                if (ledger.agentOf(agent).incarnation != s.incarnation) _break("a successor becomes its member");
            } else if (ledger.isAttested(agent) != wasAttested) {
                _break("a successor that fails takes nothing from its member");
            }
        }
    }

    function throwsOut(uint256 seed) external watched {
        seed = _mix(seed);
        (bytes32 agent, bool found) = _pick(seed, _isLive);
        if (!found) return;
        if (_offends(seed)) agent = _any(seed);
        vm.prank(_offends(seed) && seed % 4 == 0 ? STRANGER : seed % 2 == 0 ? ADMIN : ledger.agentOf(agent).guard);
        if (seed % 3 == 0) ledger.revoke(agent, "thrown out");
        else ledger.suspend(agent, "suspected");
    }

    function withdraws(uint256 seed) external watched {
        seed = _mix(seed);
        bytes32 agent = _any(seed);
        if (statusOf(agent) == IAttestationLedger.Status.None) return _readmit(seed, agent);
        if (seed % 4 != 0) return;
        vm.prank(ORCHESTRATOR);
        ledger.withdrawAgent(agent, "no longer needed");
    }

    function removesGuard(uint256 seed) external watched {
        seed = _mix(seed);
        if (seed % 8 != 0) return;
        address guard = guards[seed % guards.length];
        vm.prank(ADMIN);
        ledger.removeGuard(guard);
        _watch();
        vm.prank(ADMIN);
        ledger.enrolGuard(guard, 0, "site");
    }

    function plans(uint256 seed) external watched {
        seed = _mix(seed);
        bytes32[] memory order = new bytes32[](1);
        (order[0],) = _pick(seed, _isMember);
        vm.prank(ORCHESTRATOR);
        ledger.setPlan(order);
    }

    function opensEpoch(uint256 seed) external watched {
        seed = _mix(seed);
        if (ledger.keyedCount() == 0) return later(1);
        // Most epochs are held at once; others are left, and passed over or held later.
        if (stewardNow() == 0) {
            if (seed % 2 == 0) return later(STEWARD_WITHIN);
            return acknowledge(roster());
        }
        bytes32[] memory list = _offends(seed) ? _impostors() : roster();
        openEpoch(list);
        epochs++;
        if (seed % 3 != 0) acknowledge(list);
        for (uint256 i = 0; i < list.length; i++) {
            if (!ledger.isAttested(list[i])) _break("3: no envelope to anyone not attested");
        }
    }

    // What the invariants ask

    /// Every round under way, left alone, ends after its deadlines. Call it on a snapshot.
    function everyRoundEnds() external returns (bool) {
        for (uint256 i = 0; i < 2 * agents.length; i++) {
            uint64 round = ledger.agentOf(i % 2 == 0 ? agents[i / 2] : beside(agents[i / 2])).round;
            // The agent or verifiers, their successors, the registry.
            for (uint256 step = 0; step < 3 && _isOpen(round); step++) {
                later(_deadlineOf(round) + 1 - block.timestamp);
                try ledger.expire(round) {}
                catch {
                    return false;
                }
            }
            if (_isOpen(round)) return false;
        }
        return true;
    }

    function noneIsAttestedPastItsValidity() external view returns (bool) {
        for (uint256 i = 0; i < agents.length; i++) {
            if (ledger.isAttested(agents[i]) && block.timestamp >= ledger.agentOf(agents[i]).validUntil) return false;
        }
        return true;
    }

    function rootIsAttestedOrZero() external view returns (bool) {
        bytes32 root = ledger.rootOfTrust();
        return root == 0 || ledger.isAttested(root);
    }

    function keyedCountIsRight() external view returns (bool) {
        uint256 count = 0;
        for (uint256 i = 0; i < agents.length; i++) {
            if (ledger.isKeyed(agents[i])) count++;
        }
        return count == ledger.keyedCount();
    }

    function stewardIsKeyedOrNobodyIs() external view returns (bool) {
        bytes32 steward = stewardNow();
        bool waits = vault.epochSetVersion() == ledger.attestedSetVersion() && !vault.isHeld()
            && block.timestamp < vault.epochOpenedAt() + STEWARD_WITHIN;
        return steward == 0 ? waits || ledger.keyedCount() == 0 : ledger.isKeyed(steward);
    }

    // What is seen

    function _watch() private {
        bytes memory set = "";
        for (uint256 i = 0; i < agents.length; i++) {
            bytes32 agent = agents[i];
            IAttestationLedger.Agent memory a = ledger.agentOf(agent);
            if (a.version < _lastVersion[agent]) _break("9: the version never goes down");
            IAttestationLedger.Agent memory s = ledger.agentOf(beside(agent));
            uint32 last = a.incarnation > s.incarnation ? a.incarnation : s.incarnation;
            if (a.incarnation < _lastIncarnation[agent] || last < _lastOfBoth[agent] || last > _lastOfBoth[agent] + 1) {
                _break("9: incarnations count up by one");
            }
            _lastOfBoth[agent] = last;
            if (ledger.isAttested(beside(agent))) _break("nobody is attested on the seat beside");
            if (_lives(s.status) && !_lives(a.status)) _break("a successor falls with its member");
            if (a.status == IAttestationLedger.Status.Revoked) _revokedAs[agent] = a.incarnation;
            else if (_lives(a.status) && a.incarnation == _revokedAs[agent]) _break("6: revoked never returns");
            (_lastVersion[agent], _lastIncarnation[agent]) = (a.version, a.incarnation);
            if (a.status == IAttestationLedger.Status.Attested) {
                set = abi.encode(set, agent, a.incarnation, a.kemKey, a.frameKey);
            }
        }
        uint64 version = ledger.attestedSetVersion();
        if (keccak256(set) != _lastSet && version <= _lastSetVersion) _break("the version of the set tells every change");
        if (version < _lastSetVersion) _break("9: the version of the set never goes down");
        (_lastSet, _lastSetVersion) = (keccak256(set), version);
    }

    /// Takes note of verifiers that have not been seen in this round before: they were elected just now.
    function _noteElected(uint64 round) private {
        IAttestationLedger.Round memory r = ledger.roundOf(round);
        address guard = ledger.agentOf(r.agent).guard;
        for (uint256 i = 0; i < r.verifiers.length; i++) {
            bytes32 verifier = r.verifiers[i];
            for (uint256 j = 0; j < i; j++) {
                if (r.verifiers[j] == verifier) _break("4: verifiers are distinct");
            }
            if (_electedAs[round][verifier] != 0) continue;
            _electedAs[round][verifier] = ledger.agentOf(verifier).incarnation;
            if (verifier == r.agent) _break("4: the verifier is not the attester");
            if (!ledger.isAttested(verifier) && !_attestedAhead[verifier]) _break("4: attested when elected");
            if (ledger.agentOf(verifier).guard == guard && !_oneGuard(guard)) _break("4: behind another guard");
        }
    }

    function _judgeOnce(uint64 round, uint256 seed) private {
        bytes32[] memory verifiers = ledger.roundOf(round).verifiers;
        if (_offends(seed)) {
            bool seated = seed % 2 == 0 && verifiers.length > 0;
            return _judgeAs(round, seated ? verifiers[(seed >> 8) % verifiers.length] : _any(seed >> 8), true);
        }
        bytes32 speaker = _speaker(round, seed >> 8);
        if (speaker != 0 && seed % 7 == 0) return _abstainAs(round, speaker);
        _judgeAs(round, speaker, seed % 3 != 0);
    }

    function _abstainAs(uint64 round, bytes32 verifier) private {
        bytes32 agent = ledger.roundOf(round).agent;
        IAttestationLedger.Status was = statusOf(agent);
        abstain(round, verifier);
        bool decided = !ledger.roundOf(round).arbitrated || statusOf(agent) != was;
        // An answer that does not open the commitment is a proof, whoever opens it.
        if (_honest[round] && decided) _break("4: who abstains decides nothing");
    }

    /// The registry where it decides, else a verifier that has not spoken and may; or just the one at that seat.
    function _speaker(uint64 round, uint256 seat) private view returns (bytes32 verifier) {
        IAttestationLedger.Round memory r = ledger.roundOf(round);
        if (r.arbitrated || r.verifiers.length == 0) return 0;
        for (uint256 i = 0; i < r.verifiers.length; i++) {
            verifier = r.verifiers[(seat + i) % r.verifiers.length];
            if (!_hasSpoken[round][verifier] && ledger.isAttested(verifier)) return verifier;
        }
    }

    function _judgeAs(uint64 round, bytes32 verifier, bool pass) private {
        bool may = verifier == 0
            || (ledger.isAttested(verifier) && ledger.agentOf(verifier).incarnation == _electedAs[round][verifier]);
        judge(round, verifier, pass);
        _hasSpoken[round][verifier] = true;
        if (!may) _break("4: attested when it judged, as when it was elected");
        if (phaseOf(round) != IAttestationLedger.Phase.Passed) return;
        passes++;
        if (!_honest[round]) _break("1: no pass without an earlier matching commit");
        IAttestationLedger.Round memory r = ledger.roundOf(round);
        for (uint256 i = 0; i < r.verifiers.length && !r.arbitrated; i++) {
            if (!_hasSpoken[round][r.verifiers[i]]) _break("1: a pass needs every verifier");
        }
    }

    function _break(string memory promise_) private {
        if (bytes(broken).length == 0) broken = promise_;
    }

    // Whom it happens to

    /// The fuzzer likes small numbers; their bits are to be independent here.
    function _mix(uint256 seed) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }

    function _offends(uint256 seed) private pure returns (bool) {
        return (seed >> 16) % OFFENCE == 0;
    }

    function _any(uint256 seed) private view returns (bytes32) {
        return agents[(seed >> 32) % agents.length];
    }

    function _pick(uint256 seed, function(bytes32) view returns (bool) fits) private view returns (bytes32, bool) {
        for (uint256 i = 0; i < agents.length; i++) {
            bytes32 agent = agents[((seed >> 32) + i) % agents.length];
            if (fits(agent)) return (agent, true);
        }
        return (0, false);
    }

    function _openAny(uint256 seed) private {
        (bytes32 agent, bool found) = _pick(seed, _isDue);
        if (!found) return later(1 + seed % 5);
        rounds = open(agent);
        _noteElected(rounds);
    }

    function _readmit(uint256 seed, bytes32 agent) private {
        string memory name = ledger.agentOf(agent).name;
        vm.prank(ORCHESTRATOR);
        ledger.admitAgent(name, guards[seed % guards.length]);
    }

    /// As many as are keyed, ascending, but with those in it who are not.
    function _impostors() private view returns (bytes32[] memory list) {
        list = new bytes32[](ledger.keyedCount());
        uint256 count = 0;
        for (uint256 pass = 0; pass < 2; pass++) {
            for (uint256 i = 0; i < agents.length && count < list.length; i++) {
                if (ledger.isKeyed(agents[i]) != (pass == 1)) continue;
                uint256 place = count++;
                for (; place > 0 && list[place - 1] > agents[i]; place--) list[place] = list[place - 1];
                list[place] = agents[i];
            }
        }
    }

    function _oneGuard(address guard) private view returns (bool) {
        bytes32[] memory list = ledger.members();
        for (uint256 i = 0; i < list.length; i++) {
            if (ledger.agentOf(list[i]).guard != guard) return false;
        }
        return true;
    }

    function _deadlineOf(uint64 round) private view returns (uint256) {
        IAttestationLedger.Round memory r = ledger.roundOf(round);
        uint256 deadline = r.phase == IAttestationLedger.Phase.Challenged ? r.commitBy : r.verdictBy;
        return deadline < block.timestamp ? block.timestamp : deadline;
    }

    function _isOpen(uint64 round) private view returns (bool) {
        IAttestationLedger.Phase phase = phaseOf(round);
        return phase == IAttestationLedger.Phase.Challenged || phase == IAttestationLedger.Phase.Committed;
    }

    function _lives(IAttestationLedger.Status status) private pure returns (bool) {
        return status == IAttestationLedger.Status.Registered || status == IAttestationLedger.Status.Attested
            || status == IAttestationLedger.Status.Suspended;
    }

    function _isMember(bytes32 agent) private view returns (bool) {
        return statusOf(agent) != IAttestationLedger.Status.None;
    }

    function _isLive(bytes32 agent) private view returns (bool) {
        return _lives(statusOf(agent));
    }

    function _isDue(bytes32 agent) private view returns (bool) {
        IAttestationLedger.Agent memory a = ledger.agentOf(agent);
        return _lives(a.status) && a.round == 0
            && (a.status != IAttestationLedger.Status.Attested || block.timestamp >= a.lastOpened + PERIOD);
    }

    function _hasRound(bytes32 agent) private view returns (bool) {
        return ledger.agentOf(agent).round != 0;
    }

    function _isChallenged(bytes32 agent) private view returns (bool) {
        uint64 round = ledger.agentOf(agent).round;
        return phaseOf(round) == IAttestationLedger.Phase.Challenged && block.timestamp <= ledger.roundOf(round).commitBy;
    }

    function _isCommitted(bytes32 agent) private view returns (bool) {
        uint64 round = ledger.agentOf(agent).round;
        return phaseOf(round) == IAttestationLedger.Phase.Committed
            && block.timestamp <= ledger.roundOf(round).verdictBy;
    }
}

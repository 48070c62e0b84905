// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {LedgerState} from "./LedgerState.sol";

/// @title Who is trusted, how trust ends, and who is at the root of it.
abstract contract Trust is LedgerState {
    /// Validity runs out without a transaction, so the stored root may be stale: this answers as if the fall had been marked.
    function rootOfTrust() public view override returns (bytes32) {
        return isAttested(_root) ? _root : _fallback(_root);
    }

    function steward(uint64 sinceSeconds) external view override returns (bytes32) {
        uint256 keyed = keyedCount();
        if (keyed == 0) return 0;
        uint256 skip = (sinceSeconds / _timing.stewardWithin) % keyed;
        uint256 count = _members.length;
        uint256 start = _placeOf(rootOfTrust());
        for (uint256 i = 0; i < count; i++) {
            bytes32 agent = _members[(start + i) % count];
            if (!isKeyed(agent)) continue;
            if (skip == 0) return agent;
            skip--;
        }
        return 0;
    }

    function _suspend(bytes32 agent, string memory reason) internal {
        emit Suspended(agent, _agents[agent].incarnation, reason);
        _leave(agent, Status.Suspended);
    }

    function _revoke(bytes32 agent, string memory reason) internal {
        _abandonRound(agent, reason);
        emit Revoked(agent, _agents[agent].incarnation, reason);
        _leave(agent, Status.Revoked);
        if (!_isSeat(agent)) _vacate(agent, reason);
    }

    /// A successor that waits beside a member goes with it.
    function _vacate(bytes32 agent, string memory reason) internal {
        bytes32 seat = _beside(agent);
        if (_isLive(_agents[seat].status)) _revoke(seat, reason);
    }

    /// Whoever sits beside a member takes its place, with all that belongs to its incarnation; the seat is empty again.
    function _succeed(bytes32 seat) internal returns (bytes32 agent) {
        agent = _beside(seat);
        _abandonRound(agent, "its successor took over");
        Agent memory next = _agents[seat];
        next.name = _agents[agent].name;
        _agents[agent] = next;
        _challengesRoot[agent] = _challengesRoot[seat];
        _offered[agent] = _offered[seat];
        delete _agents[seat];
        emit Succeeded(agent, seat, next.incarnation);
    }

    /// Not a miss: it may come back by passing a round.
    function _lapse(bytes32 agent) internal {
        emit ValidityExpired(agent, _agents[agent].incarnation);
        _leave(agent, Status.Suspended);
    }

    function _hasLapsed(bytes32 agent) internal view returns (bool) {
        return _agents[agent].status == Status.Attested && !isAttested(agent);
    }

    /// Gives the agent another status than Attested; who built on its trust is told.
    function _leave(bytes32 agent, Status next) internal {
        bool counted = _agents[agent].status == Status.Attested;
        _agents[agent].status = next;
        if (counted) _attestedSetChanges();
        if (_root == agent) _moveRoot(_fallback(agent));
    }

    /// Ends a round that can no longer be judged, since what it was opened for is gone.
    function _abandonRound(bytes32 agent, string memory reason) internal {
        Agent storage a = _agents[agent];
        uint64 round = a.round;
        if (round == 0) return;
        a.round = 0;
        _rounds[round].phase = Phase.Failed;
        emit RoundFailed(round, agent, a.incarnation, reason);
    }

    function _attestedSetChanges() internal {
        attestedSetVersion++;
        attestedSetChangedAt = uint64(block.timestamp);
        emit AttestedSetChanged(attestedSetVersion);
    }

    function _moveRoot(bytes32 to) internal {
        if (_root == to) return;
        _root = to;
        emit RootOfTrustMoved(to);
    }

    /// A root that is lost falls back to the agent that verified it.
    function _fallback(bytes32 lost) private view returns (bytes32) {
        bytes32 by = _agents[lost].verifiedBy;
        return isAttested(by) ? by : bytes32(0);
    }

    /// Zero also for who is no member: the order then starts at its head.
    function _placeOf(bytes32 agent) private view returns (uint256) {
        for (uint256 i = 0; i < _members.length; i++) {
            if (_members[i] == agent) return i;
        }
        return 0;
    }
}

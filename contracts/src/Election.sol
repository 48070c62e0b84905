// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Trust} from "./Trust.sol";

/// @title Who verifies a round. Neither the attester nor the sender of the transaction chooses.
/// @notice The beacon mixes reveals that were promised one round ahead; whoever withholds one misses its own round.
abstract contract Election is Trust {
    /// Agents that could verify, and those of them that are taken already.
    struct Pool {
        bytes32[] agents;
        address[] guards;
        uint256 left;
        address[] guardsTaken;
        uint256 taken;
    }

    /// The root of trust first if it sits behind another guard, the rest by lot. Empty: the registry verifies.
    function _elect(bytes32 agent, uint64 round) internal returns (bytes32[] memory verifiers) {
        Pool memory pool = _poolFor(agent, round, verifiersPerRound);
        bytes32 root = rootOfTrust();
        bool rootFirst = root != 0 && _agents[root].guard != _agents[agent].guard;
        verifiers = new bytes32[](pool.left < verifiersPerRound ? pool.left : verifiersPerRound);
        for (uint256 n = 0; n < verifiers.length; n++) {
            uint256 place = n == 0 && rootFirst ? _indexOf(pool, root) : pool.left;
            verifiers[n] = _take(pool, place < pool.left ? place : _lot(pool, round, n));
            _seat(round, verifiers[n]);
        }
    }

    /// Successors for the verifiers that fell silent: as many as asked for, or none.
    function _electSuccessors(bytes32 agent, uint64 round, uint256 count) internal returns (bytes32[] memory drawn) {
        bytes32[] storage seated = _rounds[round].verifiers;
        Pool memory pool = _poolFor(agent, round, seated.length + count);
        if (pool.left < count) return drawn;
        for (uint256 i = 0; i < seated.length; i++) {
            if (_seats[round][seated[i]].word != Word.Silent) {
                pool.guardsTaken[pool.taken++] = _agents[seated[i]].guard;
            }
        }
        drawn = new bytes32[](count);
        for (uint256 n = 0; n < count; n++) {
            drawn[n] = _take(pool, _lot(pool, round, seated.length + n));
            _seat(round, drawn[n]);
        }
    }

    function _seat(uint64 round, bytes32 verifier) private {
        _seats[round][verifier] = Seat(_agents[verifier].incarnation, Word.Elected);
    }

    /// Attested members behind other guards that have not sat in this round. Where all members share one guard there is
    /// nobody else to ask, and its other agents may.
    function _poolFor(bytes32 agent, uint64 round, uint256 seats) private view returns (Pool memory pool) {
        uint256 count = _members.length;
        address guard = _agents[agent].guard;
        bool oneGuard = _membersBehind[guard] == count;
        // Nobody has a seat in a round that is only being opened.
        bool anew = _rounds[round].verifiers.length == 0;
        pool.agents = new bytes32[](count);
        pool.guards = new address[](count);
        pool.guardsTaken = new address[](seats);
        for (uint256 i = 0; i < count; i++) {
            bytes32 candidate = _members[i];
            if (candidate == agent || !isAttested(candidate)) continue;
            address behind = _agents[candidate].guard;
            if (behind == guard && !oneGuard) continue;
            if (!anew && _seats[round][candidate].word != Word.None) continue;
            pool.agents[pool.left] = candidate;
            pool.guards[pool.left++] = behind;
        }
    }

    /// Draws among those whose guard has no seat yet, or among all when every guard has one.
    function _lot(Pool memory pool, uint64 round, uint256 seat) private view returns (uint256) {
        uint256 lot = uint256(keccak256(abi.encode(_beacon, round, seat)));
        uint256 fresh = 0;
        for (uint256 i = 0; i < pool.left; i++) {
            if (_isFresh(pool, i)) fresh++;
        }
        if (fresh == 0) return lot % pool.left;
        uint256 skip = lot % fresh;
        for (uint256 i = 0; i < pool.left; i++) {
            if (!_isFresh(pool, i)) continue;
            if (skip == 0) return i;
            skip--;
        }
        return 0;
    }

    function _isFresh(Pool memory pool, uint256 place) private pure returns (bool) {
        for (uint256 i = 0; i < pool.taken; i++) {
            if (pool.guardsTaken[i] == pool.guards[place]) return false;
        }
        return true;
    }

    function _take(Pool memory pool, uint256 place) private pure returns (bytes32 agent) {
        agent = pool.agents[place];
        pool.guardsTaken[pool.taken++] = pool.guards[place];
        uint256 last = --pool.left;
        pool.agents[place] = pool.agents[last];
        pool.guards[place] = pool.guards[last];
    }

    /// `left` when it is not in the pool.
    function _indexOf(Pool memory pool, bytes32 agent) private pure returns (uint256 place) {
        while (place < pool.left && pool.agents[place] != agent) place++;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import "./Errors.sol";
import {Trust} from "./Trust.sol";

/// @title Who belongs to the pipeline: guards, admitted agents, the plan, incarnations, and throwing out.
abstract contract Membership is Trust {
    function enrolGuard(address guard, bytes32 site, string calldata siteName)
        external
        override
        onlyRole(DEFAULT_ADMIN_ROLE)
    {
        if (guard == address(0)) revert BadGuard();
        if (_enrolled[guard]) revert AlreadyEnrolled();
        _enrolled[guard] = true;
        emit GuardEnrolled(guard, site, siteName);
    }

    /// Revokes the guard's agents in the same transaction (members are bounded): a reader of events sees each fall, and the
    /// version of the attested set counts it, which a check of the guard inside isAttested would not give.
    function removeGuard(address guard) external override onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_enrolled[guard]) revert NotEnrolled();
        _enrolled[guard] = false;
        emit GuardRemoved(guard);
        for (uint256 i = 0; i < _members.length; i++) {
            Agent storage a = _agents[_members[i]];
            if (a.guard == guard && _isLive(a.status)) _revoke(_members[i], "its guard was removed");
        }
    }

    /// An agent that was withdrawn may be admitted again, also behind another guard; its incarnations and versions count on.
    function admitAgent(string calldata name, address guard)
        external
        override
        onlyRole(ORCHESTRATOR_ROLE)
        returns (bytes32 agent)
    {
        if (bytes(name).length == 0 || bytes(name).length > 128) revert BadName();
        if (!_enrolled[guard]) revert NotEnrolled();
        if (_members.length == MAX_MEMBERS) revert TooManyMembers();
        agent = keccak256(bytes(name));
        Agent storage a = _agents[agent];
        if (a.status != Status.None) revert AlreadyAdmitted();
        a.status = Status.Admitted;
        a.guard = guard;
        a.name = name;
        _members.push(agent);
        _membersBehind[guard]++;
        emit AgentAdmitted(agent, name, guard);
    }

    function withdrawAgent(bytes32 agent, string calldata reason) external override onlyRole(ORCHESTRATOR_ROLE) {
        Agent storage a = _agents[agent];
        if (a.status == Status.None) revert NotAdmitted();
        if (_isLive(a.status)) _revoke(agent, reason);
        a.status = Status.None;
        _membersBehind[a.guard]--;
        _removeMember(agent);
        emit AgentWithdrawn(agent, reason);
    }

    /// Members that the plan does not name follow those it names, in the order they had.
    function setPlan(bytes32[] calldata order) external override onlyRole(ORCHESTRATOR_ROLE) {
        bytes32[] memory list = _members;
        for (uint256 i = 0; i < order.length; i++) {
            uint256 place = i;
            while (place < list.length && list[place] != order[i]) place++;
            // Also when the plan names an agent twice: its first place lies before i.
            if (place >= list.length) revert NotAMember();
            for (; place > i; place--) list[place] = list[place - 1];
            list[i] = order[i];
        }
        _members = list;
        emit PlanSet(order);
    }

    /// Also for an agent that is attested: the trust in its old incarnation ends here, unless the new one waits beside it.
    function registerIncarnation(
        bytes32 agent,
        uint32 incarnation,
        uint32 version,
        bytes32 imageDigest,
        bytes32 referenceCommitment,
        bytes32 challengesRoot,
        uint32 challenges
    ) external override onlyRole(REGISTRY_ROLE) {
        Agent storage a = _agents[agent];
        Agent storage beside = _agents[_beside(agent)];
        if (_isSeat(agent)) {
            if (!_isLive(beside.status)) revert NotRegistered();
            a.guard = beside.guard;
        } else if (a.status == Status.None) {
            revert NotAdmitted();
        }
        if (!_enrolled[a.guard]) revert NotEnrolled();
        // Both seats count together: no number ever comes twice.
        if (incarnation != (a.incarnation > beside.incarnation ? a.incarnation : beside.incarnation) + 1) {
            revert WrongIncarnation();
        }
        // Of whoever acts: a successor that came to nothing leaves the one beside it as it was.
        if (version < (_isSeat(agent) ? beside.version : a.version)) revert VersionWentDown();
        if (challenges == 0) revert NoChallenges();
        if (!_isSeat(agent)) _vacate(agent, "replaced by a new incarnation");
        _abandonRound(agent, "replaced by a new incarnation");
        _leave(agent, Status.Registered);
        a.incarnation = incarnation;
        a.version = version;
        a.misses = 0;
        a.validUntil = 0;
        a.lastOpened = 0;
        a.nextChallenge = 0;
        a.challenges = challenges;
        a.imageDigest = imageDigest;
        a.referenceCommitment = referenceCommitment;
        a.kemKey = 0;
        a.frameKey = 0;
        a.drawCommitment = 0;
        a.verifiedBy = REGISTRY;
        _challengesRoot[agent] = challengesRoot;
        emit AgentRegistered(
            agent, incarnation, version, imageDigest, referenceCommitment, challengesRoot, challenges
        );
    }

    function addChallenges(bytes32 agent, uint32 incarnation, bytes32 challengesRoot, uint32 challenges)
        external
        override
        onlyRole(REGISTRY_ROLE)
    {
        Agent storage a = _agents[agent];
        if (!_isLive(a.status)) revert NotRegistered();
        if (incarnation != a.incarnation) revert WrongIncarnation();
        if (challenges <= a.challenges) revert NoChallenges();
        a.challenges = challenges;
        _challengesRoot[agent] = challengesRoot;
        emit ChallengesAdded(agent, incarnation, challengesRoot, challenges);
    }

    function revoke(bytes32 agent, string calldata reason) external override {
        _mayThrowOut(agent);
        _revoke(agent, reason);
    }

    /// A round under way ends: evidence from before the suspension must not undo it.
    function suspend(bytes32 agent, string calldata reason) external override {
        _mayThrowOut(agent);
        _abandonRound(agent, reason);
        _suspend(agent, reason);
    }

    function _mayThrowOut(bytes32 agent) private view {
        Agent storage a = _agents[agent];
        bool may = hasRole(DEFAULT_ADMIN_ROLE, msg.sender) || hasRole(ORCHESTRATOR_ROLE, msg.sender)
            || hasRole(REGISTRY_ROLE, msg.sender) || (msg.sender == a.guard && _enrolled[msg.sender]);
        if (!may) revert NotAllowed();
        if (!_isLive(a.status)) revert NotRegistered();
    }

    function _removeMember(bytes32 agent) private {
        uint256 last = _members.length - 1;
        uint256 place = 0;
        while (_members[place] != agent) place++;
        // Shifts instead of swapping: the order is the plan's.
        for (; place < last; place++) _members[place] = _members[place + 1];
        _members.pop();
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IAttestationLedger} from "./IAttestationLedger.sol";

/// @title What an attestation ledger remembers, and its plain views.
/// @dev Members are at most MAX_MEMBERS and kept in one ordered list that every scan walks (election, tick, steward, count of
/// keyed agents). Status, guard and incarnation share one slot of an agent, its times and its round another, so a scan costs
/// less than keeping separate lists of attested agents and open rounds in step with every change.
abstract contract LedgerState is IAttestationLedger, AccessControl {
    bytes32 public constant ORCHESTRATOR_ROLE = keccak256("ORCHESTRATOR_ROLE");
    bytes32 public constant REGISTRY_ROLE = keccak256("REGISTRY_ROLE");
    /// Keeps every scan of the members within a block's gas.
    uint256 public constant MAX_MEMBERS = 256;

    bytes32 internal constant REGISTRY = bytes32(0);

    /// What a verifier of a round has said.
    enum Word {
        None,
        Elected,
        Passed,
        Refused,
        Abstained,
        Silent
    }

    /// A verifier's seat in a round: the word counts only for the incarnation that was elected.
    struct Seat {
        uint32 incarnation;
        Word word;
    }

    struct Keys {
        bytes32 kem;
        bytes32 frame;
    }

    /// Guards are not an AccessControl role: a role can be revoked or renounced, which would leave the guard's agents trusted.
    mapping(address guard => bool) internal _enrolled;
    mapping(address guard => uint256) internal _membersBehind;
    /// Admitted agents, in the order of the plan, then of admission.
    bytes32[] internal _members;
    mapping(bytes32 agent => Agent) internal _agents;
    mapping(bytes32 agent => bytes32) internal _challengesRoot;
    /// Keys of the agent's last commit; they become its keys when the round is passed.
    mapping(bytes32 agent => Keys) internal _offered;
    mapping(uint64 round => Round) internal _rounds;
    mapping(uint64 round => mapping(bytes32 verifier => Seat)) internal _seats;
    /// Rounds in which verifiers have been replaced for their silence.
    mapping(uint64 round => bool) internal _replaced;
    mapping(bytes32 nonce => bool) internal _nonceUsed;
    uint64 internal _lastRound;
    /// When a round was last opened, acted on or looked after.
    uint64 internal _heardAt;
    uint64 public override attestedSetVersion;
    uint64 public override attestedSetChangedAt;
    uint8 public override verifiersPerRound;
    bytes32 internal _root;
    bytes32 internal _beacon;
    Timing internal _timing;

    function agentOf(bytes32 agent) external view override returns (Agent memory) {
        return _agents[agent];
    }

    function roundOf(uint64 round) external view override returns (Round memory) {
        return _rounds[round];
    }

    function members() external view override returns (bytes32[] memory) {
        return _members;
    }

    function timing() external view override returns (Timing memory) {
        return _timing;
    }

    function isAttested(bytes32 agent) public view override returns (bool) {
        Agent storage a = _agents[agent];
        return a.status == Status.Attested && block.timestamp < a.validUntil;
    }

    function isKeyed(bytes32 agent) public view override returns (bool) {
        return isAttested(agent) && _agents[agent].kemKey != 0;
    }

    function keysOf(bytes32 agent)
        external
        view
        override
        returns (bool keyed, uint32 incarnation, bytes32 kemKey, bytes32 frameKey)
    {
        Agent storage a = _agents[agent];
        return (isKeyed(agent), a.incarnation, a.kemKey, a.frameKey);
    }

    function keyedCount() public view override returns (uint32 count) {
        for (uint256 i = 0; i < _members.length; i++) {
            if (isKeyed(_members[i])) count++;
        }
    }

    /// The seat beside a member, and the member beside a seat. Names hash to any key: two that differ by that bit alone are as
    /// unlikely as two that collide.
    function _beside(bytes32 agent) internal pure returns (bytes32) {
        return bytes32(uint256(agent) ^ 1);
    }

    /// Only who was admitted has a name.
    function _isSeat(bytes32 agent) internal view returns (bool) {
        return bytes(_agents[agent].name).length == 0;
    }

    /// Has an incarnation that is not revoked.
    function _isLive(Status status) internal pure returns (bool) {
        return status == Status.Registered || status == Status.Attested || status == Status.Suspended;
    }
}

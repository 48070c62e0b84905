// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import "./Errors.sol";
import {IAttestationLedger} from "./IAttestationLedger.sol";
import {IKeyVault} from "./IKeyVault.sol";

/// @title Epochs of the group key. Who is attested is asked of the ledger at the call, never remembered here.
contract KeyVault is IKeyVault {
    uint256 private constant SHORTEST_ENVELOPE = 48;
    uint256 private constant LONGEST_ENVELOPE = 256;

    IAttestationLedger public immutable ledger;
    uint64 public override currentEpoch;
    uint64 public override epochSetVersion;
    uint64 public override epochOpenedAt;
    /// Keyed agents that hold the current epoch, each counted once.
    uint32 private _holders;
    bytes32 private _openedBy;
    mapping(uint64 epoch => mapping(bytes32 agent => bool)) private _holds;

    constructor(IAttestationLedger ledger_) {
        ledger = ledger_;
    }

    function openEpoch(
        uint64 epoch,
        uint64 setVersion,
        bytes32 rosterHash,
        bytes32[] calldata agents,
        bytes[] calldata envelopes
    ) external override {
        if (epoch != currentEpoch + 1) revert WrongEpoch();
        if (setVersion != ledger.attestedSetVersion()) revert StaleSet();
        bytes32 by = stewardNow();
        if (by == 0 || ledger.agentOf(by).guard != msg.sender) revert NotTheSteward();
        if (_rosterHash(agents) != rosterHash) revert WrongRoster();
        if (envelopes.length != agents.length) revert WrongEnvelope();
        currentEpoch = epoch;
        epochSetVersion = setVersion;
        epochOpenedAt = uint64(block.timestamp);
        _holders = 0;
        _openedBy = by;
        emit EpochOpened(epoch, setVersion, rosterHash, by);
        for (uint256 i = 0; i < agents.length; i++) {
            uint256 size = envelopes[i].length;
            if (size < SHORTEST_ENVELOPE || size > LONGEST_ENVELOPE) revert WrongEnvelope();
            emit Envelope(epoch, agents[i], envelopes[i]);
        }
    }

    function acknowledge(uint64 epoch, bytes32[] calldata agents) external override {
        if (epoch != currentEpoch) revert WrongEpoch();
        for (uint256 i = 0; i < agents.length; i++) {
            if (ledger.agentOf(agents[i]).guard != msg.sender) revert NotTheGuard();
            if (!ledger.isAttested(agents[i])) revert NotAttested();
            if (!_holds[epoch][agents[i]] && ledger.isKeyed(agents[i])) {
                _holds[epoch][agents[i]] = true;
                _holders++;
            }
            emit Acknowledged(epoch, agents[i]);
        }
    }

    /// An epoch that most of the group cannot open must not keep the group without a key: its steward is passed over, and the order
    /// moves on as if there were none. Until it is known whether most can, nobody may open another for the same set.
    function stewardNow() public view override returns (bytes32) {
        if (epochSetVersion == ledger.attestedSetVersion()) {
            if (isHeld()) return ledger.isKeyed(_openedBy) ? _openedBy : ledger.steward(0);
            if (block.timestamp < epochOpenedAt + ledger.timing().stewardWithin) return 0;
        }
        return ledger.steward(uint64(block.timestamp) - ledger.attestedSetChangedAt());
    }

    function isHeld() public view override returns (bool) {
        return uint256(_holders) * 2 > ledger.keyedCount();
    }

    /// Ascending and each keyed, and as many as there are: exactly the keyed agents.
    function _rosterHash(bytes32[] calldata agents) private view returns (bytes32) {
        uint32[] memory incarnations = new uint32[](agents.length);
        bytes32[] memory kemKeys = new bytes32[](agents.length);
        bytes32[] memory frameKeys = new bytes32[](agents.length);
        for (uint256 i = 0; i < agents.length; i++) {
            if (i > 0 && agents[i - 1] >= agents[i]) revert NotAscending();
            bool keyed;
            (keyed, incarnations[i], kemKeys[i], frameKeys[i]) = ledger.keysOf(agents[i]);
            if (!keyed) revert NotKeyed();
        }
        if (agents.length != ledger.keyedCount()) revert RosterIncomplete();
        return keccak256(abi.encode(agents, incarnations, kemKeys, frameKeys));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import "./Errors.sol";
import {Membership} from "./Membership.sol";
import {Rounds} from "./Rounds.sol";

/// @title The attestation ledger of one pipeline. Immutable: no proxy, no upgrade, no owner's back door.
contract AttestationLedger is Membership, Rounds {
    uint8 private constant MOST_VERIFIERS = 16;

    constructor(address admin, address orchestrator, address registry, Timing memory timing_, uint8 verifiersPerRound_) {
        if (
            timing_.commitWithin == 0 || timing_.verdictWithin == 0 || timing_.stewardWithin == 0
                || timing_.validity <= timing_.period
        ) revert BadTiming();
        if (verifiersPerRound_ == 0 || verifiersPerRound_ > MOST_VERIFIERS) revert BadVerifierCount();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(ORCHESTRATOR_ROLE, orchestrator);
        _grantRole(REGISTRY_ROLE, registry);
        _timing = timing_;
        verifiersPerRound = verifiersPerRound_;
        _beacon = keccak256(abi.encode(block.chainid, address(this)));
    }

    function anchor(bytes32 kind, bytes32 root, uint32 count) external override {
        if (!_enrolled[msg.sender] && !hasRole(REGISTRY_ROLE, msg.sender)) revert NotAllowed();
        emit Anchored(kind, root, count);
    }
}

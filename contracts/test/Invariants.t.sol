// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Handler} from "./support/Handler.sol";
import {vm} from "./support/Vm.sol";

/// The promises of docs on attestation that the contracts can keep or break, whatever the parties do. All in one function, since
/// forge runs a campaign for each; the message names the promise.
abstract contract Promises {
    struct Excluded {
        address target;
        bytes4[] selectors;
    }

    Handler internal handler;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Asked below on a snapshot; it lets time pass.
    function excludeSelectors() external view returns (Excluded[] memory excluded) {
        excluded = new Excluded[](1);
        excluded[0].target = address(handler);
        excluded[0].selectors = new bytes4[](1);
        excluded[0].selectors[0] = Handler.everyRoundEnds.selector;
    }

    function invariant_promisesAreKept() external {
        string memory broken = handler.broken();
        require(bytes(broken).length == 0, broken);
        require(handler.noneIsAttestedPastItsValidity(), "5: nobody is attested past its validity");
        require(handler.rootIsAttestedOrZero(), "the root of trust is attested or zero");
        require(handler.keyedCountIsRight(), "as many are keyed as are counted");
        require(handler.stewardIsKeyedOrNobodyIs(), "the steward is keyed");
        uint256 snapshot = vm.snapshotState();
        require(handler.everyRoundEnds(), "7: every challenge can be ended at its deadline");
        vm.revertToState(snapshot);
    }
}

contract ManyGuardsInvariants is Promises {
    function setUp() external {
        handler = new Handler(2, 3, 2);
    }
}

contract OneGuardInvariants is Promises {
    function setUp() external {
        handler = new Handler(1, 1, 3);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Pipeline} from "./support/Pipeline.sol";
import {vm} from "./support/Vm.sol";

/// Every function once or more as it is used in earnest, for scripts/measure-gas; nothing here is refused.
abstract contract Usage is Pipeline {
    function live(uint256 guardCount, uint256 perGuard) internal {
        deploy(2);
        admit(guardCount, perGuard);
        for (uint256 i = 0; i < agents.length; i++) registerAndAttest(agents[i]);
        bytes32[] memory list = roster();
        require(list.length == agents.length);
        openEpoch(list);
        bytes32[] memory own = new bytes32[](1);
        own[0] = agents[0];
        vm.prank(guards[0]);
        vault.acknowledge(1, own);
        vm.prank(ORCHESTRATOR);
        ledger.setPlan(list);
        vm.prank(guards[0]);
        ledger.anchor("telemetry", "root", 1000);
        later(PERIOD);
        for (uint256 i = 0; i < 5; i++) attest(agents[i]);
        _isReborn(agents[2]);
        _goesWrong();
    }

    function _isReborn(bytes32 agent) private {
        registerAndAttest(beside(agent));
        require(ledger.isAttested(agent) && ledger.agentOf(agent).incarnation == 2);
    }

    function _goesWrong() private {
        uint64 silent = open(agents[5]);
        uint64 unjudged = open(agents[6]);
        commit(unjudged);
        later(COMMIT_WITHIN + 1);
        ledger.expire(silent);
        later(VERDICT_WITHIN);
        ledger.expire(unjudged);
        vm.prank(ADMIN);
        ledger.suspend(agents[1], "suspected");
        vm.prank(ADMIN);
        ledger.revoke(agents[1], "caught");
        vm.prank(ORCHESTRATOR);
        ledger.withdrawAgent(agents[1], "done");
        vm.prank(ADMIN);
        ledger.removeGuard(guards[3]);
        later(VALIDITY);
        ledger.expireValidity(agents[0]);
        require(ledger.tick(4) > 0);
    }
}

contract EightAgentsUsage is Usage {
    function test_usage() external {
        live(4, 2);
    }
}

contract FiftyTwoAgentsUsage is Usage {
    function test_usage() external {
        live(4, 13);
    }
}

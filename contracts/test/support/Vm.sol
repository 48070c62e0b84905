// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// The cheatcodes of forge that our tests use.
interface Vm {
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function expectRevert(bytes4 selector) external;
    function expectRevert() external;
    function assume(bool condition) external pure;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool done);
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

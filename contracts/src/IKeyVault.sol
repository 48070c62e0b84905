// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Group keys of a pipeline: who opened which epoch for whom. Keys themselves are never here, only sealed.
interface IKeyVault {
    event EpochOpened(uint64 indexed epoch, uint64 indexed setVersion, bytes32 rosterHash, bytes32 steward);
    /// HPKE: 32 bytes of encapsulated key, then the sealed epoch key.
    event Envelope(uint64 indexed epoch, bytes32 indexed agent, bytes sealedKey);
    event Acknowledged(uint64 indexed epoch, bytes32 indexed agent);

    /// The guard of the steward. `setVersion` must be the current one; `agents` exactly those keyed now, ascending;
    /// `epoch` the current one plus 1; one envelope for each agent, 48 to 256 bytes. `rosterHash` =
    /// keccak256(abi.encode(agents, incarnations, kemKeys, frameKeys)), checked.
    function openEpoch(
        uint64 epoch,
        uint64 setVersion,
        bytes32 rosterHash,
        bytes32[] calldata agents,
        bytes[] calldata envelopes
    ) external;

    /// Guards, for their own agents that are attested and hold the key of the current epoch.
    function acknowledge(uint64 epoch, bytes32[] calldata agents) external;

    function currentEpoch() external view returns (uint64);
    /// The attested set that the current epoch was made for.
    function epochSetVersion() external view returns (uint64);
    function epochOpenedAt() external view returns (uint64);
    /// Whether more than half of those keyed now have acknowledged the current epoch.
    function isHeld() external view returns (bool);
    /// Who may open the next epoch now. While the set has one that is held: whoever opened it. While it has one that is younger than
    /// `stewardWithin` and not held yet: nobody, zero. Else in turn, as `IAttestationLedger.steward` has it for the time since the
    /// set changed. Zero also when nobody is keyed.
    function stewardNow() external view returns (bytes32);
}

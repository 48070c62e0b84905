// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

// Why the contracts of a pipeline refuse a call. Each name is the whole reason: the client shows it as it is.

// Deployment and operator
error BadTiming();
error BadVerifierCount();
error BadGuard();
error AlreadyEnrolled();
error NotEnrolled();

// Membership
error BadName();
error AlreadyAdmitted();
error NotAdmitted();
error NotAMember();
error TooManyMembers();
error NotAllowed();

// Incarnations
error WrongIncarnation();
error VersionWentDown();
error NoChallenges();
error NotRegistered();

// Rounds
error RoundUnderWay();
error NotDue();
error ChallengeUsed();
error NotTheNextChallenge();
error NoChallengesLeft();
error WrongProof();
error NotChallenged();
error NotTheGuard();
error WrongReveal();
error NotCommitted();
error TooLate();
error NotTheVerifier();
error RegistryDecides();
error NotAttested();
error WrongAnswer();
error NotOverdue();
error StillValid();

// Group keys
error WrongEpoch();
error StaleSet();
error NotTheSteward();
error NotAscending();
error NotKeyed();
error RosterIncomplete();
error WrongRoster();
error WrongEnvelope();

import { encodeFunctionData } from 'viem';
import type { Hex, LedgerCall, PipelineAddress } from '../../protocol/ledger.ts';
import { attestationLedgerAbi, keyVaultAbi } from '../ledger/abi.ts';

/** What a call is on the wire. */
export interface EncodedCall {
  readonly to: Hex;
  readonly data: Hex;
}

/** @throws a viem error when a value does not fit its type. */
export function encodeCall(call: LedgerCall, pipeline: PipelineAddress): EncodedCall {
  const keys = call.kind === 'openEpoch' || call.kind === 'acknowledge';
  return { to: keys ? pipeline.keys : pipeline.attestation, data: dataOf(call) };
}

function dataOf(call: LedgerCall): Hex {
  const abi = attestationLedgerAbi;
  switch (call.kind) {
    case 'enrolGuard':
      return encodeFunctionData({
        abi,
        functionName: call.kind,
        args: [call.guard, call.site, call.siteName],
      });
    case 'removeGuard':
      return encodeFunctionData({ abi, functionName: call.kind, args: [call.guard] });
    case 'admitAgent':
      return encodeFunctionData({ abi, functionName: call.kind, args: [call.name, call.guard] });
    case 'setPlan':
      return encodeFunctionData({ abi, functionName: call.kind, args: [call.order] });
    case 'registerIncarnation':
      return encodeFunctionData({
        abi,
        functionName: call.kind,
        args: [
          call.agent,
          call.incarnation,
          call.version,
          call.imageDigest,
          call.referenceCommitment,
          call.challengesRoot,
          call.challenges,
        ],
      });
    case 'addChallenges':
      return encodeFunctionData({
        abi,
        functionName: call.kind,
        args: [call.agent, call.incarnation, call.challengesRoot, call.challenges],
      });
    case 'openRound':
      return encodeFunctionData({
        abi,
        functionName: call.kind,
        args: [call.agent, call.index, call.nonce, call.answerHash, call.proof],
      });
    case 'commit':
      return encodeFunctionData({
        abi,
        functionName: call.kind,
        args: [
          BigInt(call.round),
          {
            ...call.evidence,
            pid: BigInt(call.evidence.pid),
            startTime: BigInt(call.evidence.startTime),
          },
          call.binding,
          call.reveal,
          call.nextDraw,
        ],
      });
    case 'verdict':
      return encodeFunctionData({
        abi,
        functionName: call.kind,
        args: [BigInt(call.round), call.verifier, call.answer, call.pass, call.appraisalHash],
      });
    case 'expire':
      return encodeFunctionData({ abi, functionName: call.kind, args: [BigInt(call.round)] });
    case 'expireValidity':
      return encodeFunctionData({ abi, functionName: call.kind, args: [call.agent] });
    case 'tick':
      return encodeFunctionData({ abi, functionName: call.kind, args: [call.most] });
    case 'withdrawAgent':
    case 'revoke':
    case 'suspend':
      return encodeFunctionData({ abi, functionName: call.kind, args: [call.agent, call.reason] });
    case 'anchor':
      return encodeFunctionData({ abi, functionName: call.kind, args: [call.batch, call.root, call.count] });
    case 'openEpoch':
      return encodeFunctionData({
        abi: keyVaultAbi,
        functionName: call.kind,
        args: [BigInt(call.epoch), BigInt(call.setVersion), call.rosterHash, call.agents, call.envelopes],
      });
    case 'acknowledge':
      return encodeFunctionData({
        abi: keyVaultAbi,
        functionName: call.kind,
        args: [BigInt(call.epoch), call.agents],
      });
    default:
      return call satisfies never;
  }
}

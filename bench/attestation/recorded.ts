/** Published by others, on their machines and for their work: quoted beside ours, not measured here. */
export const RECORDED = [
  { who: 'Keylime, push verifier', what: 'attestations/s in its published stress sample', value: '3.9' },
  { who: 'Keylime, push verifier', what: 'mean time of an attestation in the same sample', value: '8.8 s' },
  { who: 'Keylime', what: 'default interval between quotes', value: '2 s' },
  { who: 'SPIRE', what: 'agents synchronise every', value: '5 s' },
  { who: 'SPIRE', what: 'lifetime of an identity', value: '1 h' },
  {
    who: "federation over a ledger (the paper's reference [6])",
    what: 'private chain',
    value: '48 s',
  },
  { who: "federation over a ledger (the paper's reference [6])", what: 'public chain', value: '91 s' },
  { who: 'the paper itself', what: 'attestation times', value: 'gives none' },
] as const;

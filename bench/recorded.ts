/**
 * Peers that are not run here, as measured before on such a machine (2 cores, noisy; ranges of three runs). BDI4JADE and
 * JADE need a platform of their own; Jason stands here for where Java or Maven is absent. Goals or messages per second.
 */
export const RECORDED = {
  'BDI4JADE on JADE': {
    oneAgent: [59_000, 108_000],
    manyAgents: [11_000, 17_000],
    contractNet: [17_000, 22_000],
    heapKb: [7, 17],
    /** Fig. 9: ms behind 0, 50, 100 and 200 unrelated goals. */
    figure9: [13, 1599, 2556, 6714],
  },
  Jason: {
    oneAgent: [102_000, 210_000],
    manyAgents: [140_000, 248_000],
    contractNet: [9_000, 13_000],
    heapKb: [40, 40],
  },
} as const;

/** The external connection points of a VNFD by its id; undefined: it is not there. */
export type PointsOf = (vnfdId: string) => readonly string[] | undefined;

/** Why a service cannot be brought about, and what to do so that it can. */
export interface PlanRefusal {
  /** What it is about, e.g. `member web, VDU data`. */
  readonly about: string;
  readonly reason: string;
  readonly mend: string;
}

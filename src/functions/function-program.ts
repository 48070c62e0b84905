import type { UnitFile } from './unit-file.ts';

/** What a primitive is called with, and what it answers. Throws with what is wrong, in words for its caller. */
export type Primitive = (parameters: Readonly<Record<string, string>>) => Promise<string>;

/** A function that runs. */
export interface RunningFunction {
  readonly primitives?: Readonly<Record<string, Primitive>>;
  /** Undefined: it does what it is there for; else why not. */
  health?(): string | undefined;
  stop?(): Promise<void>;
}

/** Starts a function in its unit. Throws with what is wrong about its parameters. */
export type FunctionProgram = (unit: UnitFile) => Promise<RunningFunction>;

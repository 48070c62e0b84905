import { z } from 'zod';

/** Samples of one quantity: `unit` says of what, e.g. `ms`; `name` of which piece of work. */
export const FigureSchema = z.object({ name: z.string(), unit: z.string(), samples: z.array(z.number()) });
export type Figure = z.infer<typeof FigureSchema>;

/** What one part of the benchmark found. `notes`: what stands behind the figures, and what could not be had. */
export const FindingsSchema = z.object({ figures: z.array(FigureSchema), notes: z.array(z.string()) });
export type Findings = z.infer<typeof FindingsSchema>;

/** The sample below which that part (0 to 1) of all lies; undefined without samples. */
export function quantile(samples: readonly number[], part: number): number | undefined {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? sorted[0];
}

export function median(samples: readonly number[]): number | undefined {
  return quantile(samples, 0.5);
}

/** Collects figures under their names as they come. */
export class Figures {
  readonly #figures = new Map<string, Figure>();
  readonly #notes: string[] = [];

  add(name: string, unit: string, sample: number): void {
    const known = this.#figures.get(name);
    if (known === undefined) this.#figures.set(name, { name, unit, samples: [sample] });
    else known.samples.push(sample);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  samples(name: string): readonly number[] {
    return this.#figures.get(name)?.samples ?? [];
  }

  findings(): Findings {
    return { figures: [...this.#figures.values()], notes: this.#notes };
  }
}

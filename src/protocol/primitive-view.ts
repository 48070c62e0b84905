import { z } from 'zod';

const name = z.string().max(600);

/** Of the API: something that can be done to a function of a service on demand. */
export const PrimitiveViewSchema = z.strictObject({
  /** The function, as the service names it. */
  vnf: name,
  primitive: name,
  /** VNF or VDU that it is done to. */
  target: name,
  parameters: z.array(
    z.strictObject({
      name,
      type: name.nullable(),
      /** What is used when nobody gives another; null: nothing. */
      value: z.string().nullable(),
    }),
  ),
  /** Why it is of no use to try it here; null: it can be tried. */
  refused: z.string().nullable(),
});
export type PrimitiveView = z.infer<typeof PrimitiveViewSchema>;

import { z } from 'zod';
import { WhatIfResultSchema } from '../../protocol/what-if.ts';

/** What a process that runs a what-if says, a line each. */
export const WhatIfWordSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), part: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('result'), result: WhatIfResultSchema }),
  z.strictObject({ kind: z.literal('failed'), reason: z.string().max(2000) }),
]);
export type WhatIfWord = z.infer<typeof WhatIfWordSchema>;

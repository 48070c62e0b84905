import { readFileSync } from 'node:fs';
import { z } from 'zod';

const InterfaceSchema = z.strictObject({
  name: z.string(),
  device: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,14}$/),
  address: z.ipv4(),
  prefixLength: z.int().min(1).max(32),
});

/** What a function finds of itself in its directory (`unit.json`). */
const UnitFileSchema = z.strictObject({
  id: z.string(),
  service: z.string(),
  parameters: z.record(z.string(), z.string()),
  interfaces: z.array(InterfaceSchema),
});
export type UnitFile = z.infer<typeof UnitFileSchema>;

export const readUnitFile = (): UnitFile =>
  UnitFileSchema.parse(JSON.parse(readFileSync('unit.json', 'utf8')));

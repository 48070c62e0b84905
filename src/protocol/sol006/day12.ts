import { z } from 'zod';
import { flag, id, list, text, unused, whole } from './scalars.ts';

const ExecutionEnvironmentSchema = z.strictObject({
  id,
  juju: z
    .strictObject({ charm: text.optional(), proxy: unused, cloud: unused, 'charm-type': unused })
    .optional(),
  'helm-chart': text.optional(),
  'helm-version': unused,
  'external-connection-point-ref': unused,
  'metric-service': unused,
});

const ParameterSchema = z.strictObject({
  name: id,
  'data-type': text.optional(),
  value: text.optional(),
  'default-value': text.optional(),
  mandatory: flag.optional(),
  'parameter-pool': unused,
  'read-only': unused,
  hidden: unused,
});

const PrimitiveSchema = z.strictObject({
  name: id,
  seq: whole(0, 100_000).optional(),
  'execution-environment-ref': id.optional(),
  'execution-environment-primitive': text.optional(),
  parameter: list(ParameterSchema).optional(),
  'user-defined-script': unused,
});

/** What is done to a function on its first day and later (`day1-2`). */
export const Day12Schema = z.strictObject({
  id,
  'execution-environment-list': list(ExecutionEnvironmentSchema).optional(),
  'initial-config-primitive': list(PrimitiveSchema).optional(),
  'config-primitive': list(PrimitiveSchema).optional(),
  'terminate-config-primitive': list(PrimitiveSchema).optional(),
  'config-access': unused,
  metrics: unused,
});
export type Sol006Day12 = z.infer<typeof Day12Schema>;
export type Sol006Primitive = z.infer<typeof PrimitiveSchema>;

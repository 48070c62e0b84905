import { z } from 'zod';

/**
 * Parameters of a unit: those of its service are among them, which may be meant for other functions. So what is not known is named in the log
 * and left; what is known has to be right.
 */
export function readUnitParameters<T extends z.ZodRawShape>(
  given: Readonly<Record<string, string>>,
  shape: T,
): z.infer<z.ZodObject<T>> {
  const known = Object.entries(given).filter(([name]) => Object.hasOwn(shape, name));
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(shape, name)) process.stdout.write(`parameter ${name} is none of this function\n`);
  }
  return readParameters(Object.fromEntries(known), shape);
}

/** Parameters of a primitive are text; what is not known is refused. */
export function readParameters<T extends z.ZodRawShape>(
  given: Readonly<Record<string, string>>,
  shape: T,
): z.infer<z.ZodObject<T>> {
  const parsed = z.strictObject(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const known = Object.keys(shape).join(', ') || 'none';
  const name = String(issue?.path[0] ?? '');
  if (issue?.code === 'unrecognized_keys') {
    throw new Error(`parameter ${issue.keys.join(', ')}: there is no such one (it knows ${known})`);
  }
  const wrong = Object.hasOwn(given, name) ? issue?.message : 'it has to be given';
  throw new Error(`parameter ${name}: ${wrong} (it knows ${known})`);
}

export const whole = (low: number, high: number, otherwise: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'a whole number')
    .transform(Number)
    .pipe(z.number().min(low).max(high))
    .default(otherwise);

export const port = (otherwise: number) => whole(1, 65_535, otherwise);

export const truth = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');

/** An address with a port, e.g. `10.0.0.1:80`. */
const EndpointSchema = z
  .string()
  .regex(/^[^:]+:\d{1,5}$/, 'an address and a port, like 10.0.0.1:80')
  .transform((text) => {
    const [address, number] = text.split(':');
    return { address, port: Number(number) };
  })
  .pipe(z.strictObject({ address: z.ipv4(), port: z.int().min(1).max(65_535) }));
export type Endpoint = z.infer<typeof EndpointSchema>;
export const endpoint = EndpointSchema;

/** Parts of a text between commas or semicolons, without empty ones; at most 256. */
export const listOf = <T extends z.ZodType<unknown, string>>(entry: T, separator: ',' | ';' = ',') =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(separator)
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    )
    .pipe(z.array(entry).max(256));

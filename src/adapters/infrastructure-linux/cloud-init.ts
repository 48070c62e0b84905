import { parseDocument } from 'yaml';
import { z } from 'zod';

/** What of user data is carried out. */
export interface CloudInitPlan {
  readonly hostname: string | undefined;
  readonly files: readonly {
    readonly path: string;
    readonly content: Uint8Array;
    /** E.g. 0o644. */
    readonly mode: number;
  }[];
  /** Shell commands, one after the other, before the program starts. */
  readonly commands: readonly string[];
  /** What was not taken, in words. */
  readonly warnings: readonly string[];
}

const MAX_BYTES = 65_536;
const MAX_FILE_BYTES = 1 << 20;

const line = z.string().max(4096);
const FileSchema = z.object({
  path: z
    .string()
    .max(1000)
    .regex(/^\/[^\0\n\r]*$/, 'an absolute path')
    .refine((path) => !path.split('/').includes('..'), 'a path without ..'),
  content: z.string().max(MAX_BYTES).default(''),
  encoding: z.enum(['text/plain', 'b64', 'base64']).default('text/plain'),
  permissions: z.union([z.string().regex(/^0?[0-7]{3}$/), z.int().min(0).max(777)]).default('0644'),
  append: z.literal(false).optional(),
});
const CommandSchema = z.union([
  line,
  z
    .array(z.union([line, z.number()]))
    .min(1)
    .max(200),
]);
const ConfigSchema = z.object({
  hostname: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/, 'a host name')
    .optional(),
  write_files: z.array(FileSchema).max(100).optional(),
  runcmd: z.array(CommandSchema).max(100).optional(),
});

const TAKEN = Object.keys(ConfigSchema.shape);

/**
 * Reads cloud-config user data; of it `hostname`, `write_files` and `runcmd` are taken, everything else is named as a warning. Answers
 * what is wrong in words where it is not well-formed: what is half understood is not carried out.
 */
export function readCloudInit(text: string): CloudInitPlan | { readonly refused: string } {
  if (text.length > MAX_BYTES) return { refused: `cloud-init: longer than ${MAX_BYTES} characters` };
  if (!/^#cloud-config\s*$/m.test(text.split('\n', 1)[0] ?? '')) {
    return {
      refused: 'cloud-init: the first line has to be #cloud-config; scripts and archives are not taken',
    };
  }
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, logLevel: 'silent' });
  const [problem] = document.errors;
  if (problem !== undefined) return { refused: `cloud-init: ${problem.message.split('\n')[0]}` };
  const raw: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
  const parsed = ConfigSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { refused: `cloud-init: ${issue?.path.join('.')}: ${issue?.message}` };
  }
  const { hostname, write_files = [], runcmd = [] } = parsed.data;
  const files = write_files.map((file) => ({
    path: file.path,
    content: Buffer.from(file.content, file.encoding === 'text/plain' ? 'utf8' : 'base64'),
    mode: Number.parseInt(String(file.permissions), 8),
  }));
  if (files.reduce((sum, { content }) => sum + content.length, 0) > MAX_FILE_BYTES) {
    return { refused: `cloud-init: files of more than ${MAX_FILE_BYTES} bytes` };
  }
  return {
    hostname,
    files,
    commands: runcmd.map(commandText),
    warnings: Object.keys(raw as object)
      .filter((key) => !TAKEN.includes(key))
      .map((key) => `cloud-init: \`${key.slice(0, 60)}\` is not carried out`),
  };
}

/** A list is a program with its arguments, word for word; a text is for the shell. */
function commandText(command: z.infer<typeof CommandSchema>): string {
  return typeof command === 'string' ? command : command.map((word) => shellWord(String(word))).join(' ');
}

export const shellWord = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

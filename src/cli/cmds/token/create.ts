import { type Command, Option } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { TOKEN_ROLES, TokenNameSchema, type TokenRole } from '../../../protocol/token-record.ts';
import { openTokenStore } from '../../../runtime/tokens/open-token-store.ts';
import { createToken } from '../../../runtime/tokens/tokens.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { expiryOf } from './expiry.ts';

interface Flags {
  readonly role: TokenRole;
  readonly expires?: string;
  readonly output: string;
}

export function addCreate(parent: Command): void {
  parent
    .command('create')
    .argument('<name>', 'who or what it is for: the journal names it with all that is asked for')
    .description('make a token for the API; it is shown this once')
    .addOption(
      new Option('--role <role>', 'viewer: reads; operator: does everything')
        .choices([...TOKEN_ROLES])
        .default('viewer'),
    )
    .option(
      '--expires <when>',
      'after 12h or 30d, or at a time such as 2027-01-31T12:00:00Z (default: never)',
    )
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      example('muster token create alice --role operator --expires 30d', 'muster token create grafana'),
    )
    .action(async (typed: string, { role, expires, output }: Flags) => {
      const format = outputFormat(output);
      const name = TokenNameSchema.safeParse(typed);
      if (!name.success) {
        throw new MusterError('USAGE', `${typed} is no name for a token`, {
          hint: name.error.issues[0]?.message ?? '',
        });
      }
      const nowMs = Date.now();
      const expiresAtMs = expires === undefined ? null : expiryOf(expires, nowMs);
      const record = { name: name.data, role, createdAtMs: nowMs, expiresAtMs };
      const token = await createToken(await openTokenStore(), record);
      const until = expiresAtMs === null ? 'never' : new Date(expiresAtMs).toISOString();
      printThing(
        { name: name.data, role, expires: until, token },
        [
          token,
          '',
          `for ${name.data}, ${role}, expires ${until}; it is not shown again`,
          'Next  curl -H "Authorization: Bearer TOKEN" ..., or as the password of that user name for clients of OSM',
        ],
        format,
      );
    });
}

import { MusterError } from '../../protocol/errors.ts';

/** Why a database cannot be opened, read or written, in words: `LEVEL_*` codes as classic-level gives them. */
export function levelError(directory: string, error: unknown): MusterError {
  const chain = causesOf(error);
  const codes = chain.map((each) => ('code' in each ? String(each.code) : ''));
  const said = chain.map(({ message }) => message).join(': ');
  if (codes.includes('LEVEL_LOCKED')) {
    return new MusterError('CONFLICT', `the store ${directory} is open in another process`, {
      hint: 'only one process can have it: muster status',
      cause: error,
    });
  }
  if (
    codes.includes('LEVEL_CORRUPTION') ||
    /corruption|missing files|CURRENT|MANIFEST.*No such file/i.test(said)
  ) {
    return damaged(directory, said, error);
  }
  const system = codes.find((code) => /^E[A-Z]+$/.test(code));
  return new MusterError(
    'CANNOT_WRITE',
    `the store ${directory} cannot be used: ${said || system || 'no reason is given'}`,
    {
      hint: 'is there room, and may this user write there?',
      cause: error,
    },
  );
}

export function damaged(directory: string, why: string, cause?: unknown): MusterError {
  return new MusterError('STORE_DAMAGED', `the store ${directory} is damaged: ${why}`, {
    hint: 'put a backup of the directory in its place; what is there now is left as it is',
    cause,
  });
}

function causesOf(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return [];
  return [error, ...causesOf(error.cause)];
}

import type { OperationParams } from '../../protocol/operation-record.ts';
import type { MemberWishes, ServiceFile } from '../../protocol/service-file.ts';

/** What is asked of a service once an operation has been done: its file, or what it was with what the request adds. */
export function wishesWith(before: ServiceFile, params: OperationParams): ServiceFile {
  if (params.kind === 'update') return params.file ?? before;
  if (params.kind !== 'instantiate') return before;
  const members: Record<string, MemberWishes> = { ...before.members };
  for (const [name, added] of Object.entries(params.members ?? {})) {
    const was = members[name] ?? {};
    members[name] = {
      ...was,
      ...added,
      parameters: { ...was.parameters, ...added.parameters },
      day1: { ...was.day1, ...added.day1 },
    };
  }
  return {
    ...before,
    ...(params.parameters === undefined
      ? {}
      : { parameters: { ...before.parameters, ...params.parameters } }),
    ...(Object.keys(members).length === 0 ? {} : { members }),
  };
}

import type { ServiceInstance } from '../../../protocol/service-record.ts';
import { type ControlPreview, previewControl } from '../../../runtime/service-control/preview-control.ts';
import type { ServiceChange } from '../../../runtime/services/operations.ts';
import type { UpFile } from '../../../runtime/up/up-file.ts';
import { groupOf } from '../pipeline/pipelines-of-up.ts';

type Asked = Pick<ControlPreview, 'file' | 'packages' | 'site' | 'substrate'> & {
  readonly existing: readonly ServiceInstance[];
};

/** What applying a service file would change of its control agents: as `service apply --dry-run` tells it. */
export async function controlChanges(
  up: UpFile | undefined,
  { file, existing, packages, site, substrate }: Asked,
): Promise<readonly (ServiceChange & { readonly service: string })[]> {
  const before = existing.find(({ name }) => name === file.name);
  const controls = file.control === 'planned' || before?.wanted.control === 'planned';
  if (up === undefined || !controls) return [];
  const view = await groupOf(up);
  const changes = await previewControl({ file, before, packages, site, view, substrate });
  return changes.map((change) => ({ service: file.name, ...change }));
}

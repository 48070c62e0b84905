import { type Cursor, each } from './cursor.ts';

/** Every monitoring parameter of a VNFD: of virtual links, VDUs and deployment flavours. */
export function monitoringOf(vnfd: Cursor): readonly Cursor[] {
  return [
    ...each(vnfd, 'int-virtual-link-desc', 'monitoring-parameters'),
    ...each(vnfd, 'vdu', 'monitoring-parameter'),
    ...each(vnfd, 'df', 'monitoring-parameter'),
  ];
}

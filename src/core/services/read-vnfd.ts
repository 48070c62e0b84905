import type { ConnectionPoint, Demand, Vdu, Vnfd } from '../../protocol/descriptors.ts';
import type { Sol006Vnfd } from '../../protocol/sol006/vnfd.ts';
import { readFlavour } from './read-flavour.ts';

const MIB_PER_GIB = 1024;

/** A VNFD as we use it, from one that has been checked. */
export function readVnfd(vnfd: Sol006Vnfd): Vnfd {
  const vdus = (vnfd.vdu ?? []).map((vdu) => readVdu(vnfd, vdu));
  const kdus = (vnfd.kdu ?? []).map((kdu) => ({
    name: kdu.name,
    helmChart: kdu['helm-chart'],
    jujuBundle: kdu['juju-bundle'],
  }));
  return {
    kind: 'vnfd',
    id: vnfd.id,
    name: vnfd['product-name'] ?? vnfd.name ?? vnfd.id,
    version: vnfd.version ?? '1.0',
    softwareVersion: vnfd['software-version'] ?? '1.0',
    description: vnfd.description ?? '',
    managementPoint: vnfd['mgmt-cp'],
    vdus,
    virtualLinks: (vnfd['int-virtual-link-desc'] ?? []).map(({ id }) => id),
    externalPoints: (vnfd['ext-cpd'] ?? []).map((point) => ({
      id: point.id,
      vdu: point['int-cpd']?.['vdu-id'],
      point: point['int-cpd']?.cpd,
      virtualLink: point['int-virtual-link-desc'],
    })),
    flavours: vnfd.df.map((flavour) => readFlavour(flavour, vdus)),
    kdus,
    cannotRun: [
      ...kdus.map(({ name }) => `the KDU ${name} needs Kubernetes, which Muster does not drive`),
      ...vdus.flatMap(({ id, pduType }) =>
        pduType === undefined ? [] : [`the VDU ${id} is a physical unit (${pduType})`],
      ),
    ],
  };
}

type Sol006Vdu = NonNullable<Sol006Vnfd['vdu']>[number];

function readVdu(vnfd: Sol006Vnfd, vdu: Sol006Vdu): Vdu {
  return {
    id: vdu.id,
    name: vdu.name ?? vdu.id,
    image: imageOf(vnfd, vdu),
    demand: demandOf(vnfd, vdu),
    cloudInitFile: vdu['cloud-init-file'],
    cloudInit: vdu['cloud-init'],
    connectionPoints: (vdu['int-cpd'] ?? []).map(readPoint),
    monitoring: (vdu['monitoring-parameter'] ?? []).map((one) => ({
      id: one.id,
      metric: one['performance-metric'] ?? one.name ?? one.id,
    })),
    alarms: (vdu.alarm ?? []).map((alarm) => ({
      id: alarm['alarm-id'],
      monitoring: alarm['vnf-monitoring-param-ref'],
      operation: alarm.operation,
      value: alarm.value,
      webhooks: (['ok', 'insufficient-data', 'alarm'] as const).flatMap((on) =>
        (alarm.actions?.[on] ?? []).map(({ url }) => ({ on, url })),
      ),
    })),
    pduType: vdu['pdu-type'],
  };
}

/** The name by which a site knows an image: that of its file or of the image, or else its id. */
function imageOf(vnfd: Sol006Vnfd, vdu: Sol006Vdu): string | undefined {
  const id = vdu['sw-image-desc'];
  const image = vnfd['sw-image-desc']?.find((each) => each.id === id);
  return image?.image ?? image?.name ?? id;
}

function demandOf(vnfd: Sol006Vnfd, vdu: Sol006Vdu): Demand {
  if (vdu['pdu-type'] !== undefined) return { vcpus: 0, memoryMib: 0, storageGb: 0 };
  const compute = vnfd['virtual-compute-desc']?.find((each) => each.id === vdu['virtual-compute-desc']);
  const storages = (vdu['virtual-storage-desc'] ?? []).map((id) =>
    vnfd['virtual-storage-desc']?.find((each) => each.id === id),
  );
  return {
    vcpus: compute?.['virtual-cpu']?.['num-virtual-cpu'] ?? 1,
    memoryMib: (compute?.['virtual-memory']?.size ?? 1) * MIB_PER_GIB,
    storageGb: storages.reduce((sum, storage) => sum + (storage?.['size-of-storage'] ?? 0), 0),
  };
}

type Sol006Point = NonNullable<Sol006Vdu['int-cpd']>[number];

function readPoint(point: Sol006Point): ConnectionPoint {
  const [face] = point['virtual-network-interface-requirement'] ?? [];
  return {
    id: point.id,
    interfaceName: face?.name,
    position: face?.position,
    virtualLink: point['int-virtual-link-desc'],
  };
}

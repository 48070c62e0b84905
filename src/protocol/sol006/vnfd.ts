import { z } from 'zod';
import { id, list, number, text, unused, whole } from './scalars.ts';
import { DeploymentFlavourSchema } from './vnfd-flavour.ts';

const InterfaceSchema = z.strictObject({
  name: id.optional(),
  description: unused,
  position: whole(0, 1000).optional(),
  'support-mandatory': unused,
  'network-interface-requirements': unused,
  'nicio-requirements': unused,
  'mac-address': unused,
  'virtual-interface': z
    .strictObject({
      type: text.optional(),
      /** bit/s, as OSM has it; 0: no bound. */
      bandwidth: number(0, 1e15).optional(),
      vpci: unused,
    })
    .optional(),
});

const IntCpdSchema = z.strictObject({
  id,
  name: unused,
  description: unused,
  'int-virtual-link-desc': id.optional(),
  'bitrate-requirement': unused,
  'vnic-type': unused,
  'virtual-network-interface-requirement': list(InterfaceSchema).optional(),
  'layer-protocol': unused,
  role: unused,
  protocol: unused,
  'trunk-mode': unused,
  'security-group-rule-id': unused,
  'port-security-enabled': unused,
  'port-security-disable-strategy': unused,
  'ip-address': text.optional(),
});

const MonitoringSchema = z.strictObject({
  id,
  name: text.optional(),
  'performance-metric': text.optional(),
  'collection-period': unused,
});

const WebhooksSchema = list(z.strictObject({ url: text })).optional();

const AlarmSchema = z.strictObject({
  'alarm-id': id,
  'vnf-monitoring-param-ref': id.optional(),
  value: number(-1e15, 1e15).optional(),
  operation: text.optional(),
  actions: z
    .strictObject({ ok: WebhooksSchema, 'insufficient-data': WebhooksSchema, alarm: WebhooksSchema })
    .optional(),
});

const VduSchema = z.strictObject({
  id,
  name: text.optional(),
  description: text.optional(),
  'int-cpd': list(IntCpdSchema).optional(),
  'virtual-compute-desc': id.optional(),
  'virtual-storage-desc': list(id).optional(),
  'sw-image-desc': id.optional(),
  'alternative-sw-image-desc': list(id).optional(),
  'boot-order': unused,
  'nfvi-constraint': unused,
  'monitoring-parameter': list(MonitoringSchema).optional(),
  'configurable-properties': unused,
  'boot-data': unused,
  'cloud-init': z.string().max(64_000).optional(),
  'cloud-init-file': text.optional(),
  'supplemental-boot-data': unused,
  alarm: list(AlarmSchema).optional(),
  'pdu-type': text.optional(),
});

const ComputeSchema = z.strictObject({
  id,
  'logical-node': unused,
  'requested-additional-capability': unused,
  'compute-requirements': unused,
  'virtual-memory': z
    .strictObject({
      /** GiB. */
      size: number(0, 65_536).optional(),
      'over-subscription-policy': unused,
      'virtual-mem-over-subscription-policy': unused,
      'vdu-mem-requirements': unused,
      'numa-enabled': unused,
      'numa-node-quota': unused,
      'mempage-size': unused,
      'mem-quota': unused,
    })
    .optional(),
  'virtual-cpu': z
    .strictObject({
      'num-virtual-cpu': whole(0, 4096).optional(),
      'cpu-architecture': unused,
      architecture: unused,
      clock: unused,
      'over-subscription-policy': unused,
      'vdu-cpu-requirements': unused,
      pinning: unused,
      'cpu-quota': unused,
    })
    .optional(),
  'virtual-disk': unused,
  'disk-io-quota': unused,
  'vif-quota': unused,
});

const StorageSchema = z.strictObject({
  id,
  'type-of-storage': text.optional(),
  /** GB. */
  'size-of-storage': number(0, 1e9).optional(),
  'vdu-storage-requirements': unused,
  'rdma-enabled': unused,
  'sw-image-desc': unused,
  'keep-volume': unused,
  multiattach: unused,
});

const ImageSchema = z.strictObject({
  id,
  name: text.optional(),
  version: text.optional(),
  image: text.optional(),
  checksum: unused,
  'container-format': unused,
  'disk-format': unused,
  'min-disk': unused,
  'min-ram': unused,
  size: unused,
  'operating-system': unused,
  'supported-virtualization-environment': unused,
  'vim-type': unused,
});

const IntVirtualLinkSchema = z.strictObject({
  id,
  flavour: unused,
  'connectivity-type': unused,
  'test-access': unused,
  description: unused,
  'monitoring-parameters': list(MonitoringSchema).optional(),
});

const ExtCpdSchema = z.strictObject({
  id,
  name: unused,
  description: unused,
  'int-virtual-link-desc': id.optional(),
  'int-cpd': z.strictObject({ 'vdu-id': id, cpd: id }).optional(),
  'k8s-cluster-net': id.optional(),
  'virtual-network-interface-requirement': unused,
  'layer-protocol': unused,
  role: unused,
  protocol: unused,
  'trunk-mode': unused,
  'security-group-rule-id': unused,
  'port-security-enabled': unused,
  'nicio-requirements': unused,
});

const KduSchema = z.strictObject({
  name: id,
  description: unused,
  'helm-chart': text.optional(),
  'helm-version': unused,
  'juju-bundle': text.optional(),
  service: unused,
  'mgmt-service': unused,
  'kdu-configuration': unused,
});

/** The part of ETSI SOL006's `vnfd` that OSM users have and Muster reads. What is not named here is warned of. */
export const VnfdSchema = z.strictObject({
  id,
  name: text.optional(),
  provider: text.optional(),
  'product-name': text.optional(),
  'software-version': text.optional(),
  version: text.optional(),
  'product-info-name': text.optional(),
  'product-info-description': text.optional(),
  description: text.optional(),
  designer: unused,
  'vnfm-info': unused,
  'localization-language': unused,
  'default-localization-language': unused,
  'mgmt-cp': id.optional(),
  vdu: list(VduSchema).optional(),
  'virtual-compute-desc': list(ComputeSchema).optional(),
  'virtual-storage-desc': list(StorageSchema).optional(),
  'sw-image-desc': list(ImageSchema).optional(),
  'int-virtual-link-desc': list(IntVirtualLinkSchema).optional(),
  'security-group-rule': unused,
  'ext-cpd': list(ExtCpdSchema).optional(),
  df: list(DeploymentFlavourSchema).refine((all) => all.length > 0, 'at least one deployment flavour'),
  'configurable-properties': unused,
  'modifiable-attributes': unused,
  'lifecycle-management-script': unused,
  'element-group': unused,
  'vnf-indicator': unused,
  'auto-scale': unused,
  kdu: list(KduSchema).optional(),
  'k8s-cluster': unused,
  /** Packages exported from OSM's own database carry these. */
  _id: unused,
  _admin: unused,
  _links: unused,
});

/** A VNFD as it stands in its file, numbers and truths read. */
export type Sol006Vnfd = z.infer<typeof VnfdSchema>;

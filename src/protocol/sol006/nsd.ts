import { z } from 'zod';
import { flag, id, list, text, unused, whole } from './scalars.ts';
import { VnffgdSchema } from './vnffgd.ts';

const ConnectivitySchema = z.strictObject({
  'virtual-link-profile-id': id,
  'constituent-cpd-id': list(
    z.strictObject({
      'constituent-base-element-id': id.optional(),
      'constituent-cpd-id': id,
      'ip-address': text.optional(),
      'mac-address': unused,
    }),
  ).optional(),
});

const VnfProfileSchema = z.strictObject({
  id,
  name: unused,
  description: unused,
  'vnfd-id': id,
  'flavour-id': id.optional(),
  'instantiation-level': id.optional(),
  'min-number-of-instances': whole(0, 10_000).optional(),
  'max-number-of-instances': whole(0, 10_000).optional(),
  'local-affinity-or-anti-affinity-rule': unused,
  'affinity-or-anti-affinity-group-id': list(id).optional(),
  'virtual-link-connectivity': list(ConnectivitySchema).optional(),
});

const L3Schema = z.looseObject({ cidr: text.optional() });

const LinkProfileSchema = z.strictObject({
  id,
  'virtual-link-desc-id': id.optional(),
  'flavour-id': unused,
  'local-affinity-or-anti-affinity-rule': unused,
  'affinity-or-anti-affinity-group-id': unused,
  'max-bitrate-requirements': unused,
  'min-bitrate-requirements': unused,
  'virtual-link-protocol-data': z.looseObject({ 'l3-protocol-data': L3Schema.optional() }).optional(),
});

const NsFlavourSchema = z.strictObject({
  id,
  description: unused,
  'vnf-profile': list(VnfProfileSchema).optional(),
  'virtual-link-profile': list(LinkProfileSchema).optional(),
  'pnf-profile': unused,
  'scaling-aspect': unused,
  'affinity-or-anti-affinity-group': list(
    z.strictObject({ id, type: text.optional(), scope: text.optional() }),
  ).optional(),
  'instantiation-level': unused,
  'ns-instantiation-level': unused,
  'default-instantiation-level': unused,
  'default-ns-instantiation-level-id': unused,
  'ns-profile': unused,
  dependencies: unused,
});

const VirtualLinkSchema = z.strictObject({
  id,
  name: text.optional(),
  description: unused,
  'mgmt-network': flag.optional(),
  'vim-network-name': text.optional(),
  'connectivity-type': unused,
  provider: unused,
  version: unused,
  df: unused,
  'test-access': unused,
});

/** The part of ETSI SOL006's `nsd` that OSM users have and Muster reads. What is not named here is warned of. */
export const NsdSchema = z.strictObject({
  id,
  name: text.optional(),
  designer: text.optional(),
  version: text.optional(),
  description: text.optional(),
  'invariant-id': text.optional(),
  'short-name': unused,
  vendor: unused,
  logo: unused,
  'vnfd-id': list(id).optional(),
  'pnfd-id': unused,
  'nested-nsd-id': unused,
  sapd: unused,
  'virtual-link-desc': list(VirtualLinkSchema).optional(),
  vnffgd: list(VnffgdSchema).optional(),
  'ns-configuration': unused,
  'lifecycle-management-script': unused,
  'monitored-info': unused,
  'auto-scale-rule': unused,
  df: list(NsFlavourSchema).refine((all) => all.length > 0, 'at least one deployment flavour'),
  _id: unused,
  _admin: unused,
  _links: unused,
});

/** An NSD as it stands in its file, numbers and truths read. */
export type Sol006Nsd = z.infer<typeof NsdSchema>;

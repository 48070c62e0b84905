import { z } from 'zod';
import { id, list, text, unused, whole } from './scalars.ts';

const ConstituentSchema = z.strictObject({
  id,
  order: whole(0, 1000).optional(),
  'constituent-base-element-id': id.optional(),
  'ingress-constituent-cpd-id': id.optional(),
  'egress-constituent-cpd-id': id.optional(),
});

const MatchSchema = z.strictObject({
  id,
  /** IANA protocol number, e.g. 6 for TCP. */
  'ip-proto': whole(0, 255).optional(),
  'source-ip-address': text.optional(),
  'destination-ip-address': text.optional(),
  'source-port': whole(0, 65_535).optional(),
  'destination-port': whole(0, 65_535).optional(),
  'constituent-base-element-id': id.optional(),
});

const PositionSchema = z.strictObject({
  id,
  'cp-profile-id': list(
    z.strictObject({ id, 'constituent-profile-elements': list(ConstituentSchema).optional() }),
  ).optional(),
  'match-attributes': list(MatchSchema).optional(),
  'nfp-position-element-id': list(id).optional(),
});

const PathSchema = z.strictObject({
  id,
  name: unused,
  description: unused,
  'nfp-rule': unused,
  'position-desc-id': list(PositionSchema).optional(),
});

/** A forwarding graph of a service, with its forwarding paths. */
export const VnffgdSchema = z.strictObject({
  id,
  name: unused,
  description: unused,
  'vnf-profile-id': list(id).optional(),
  'pnf-profile-id': unused,
  'nested-ns-profile-id': unused,
  'virtual-link-profile-id': unused,
  nfpd: list(PathSchema).optional(),
  'nfp-position-element': list(z.strictObject({ id, 'cp-profile-id': unused })).optional(),
});
export type Sol006Vnffgd = z.infer<typeof VnffgdSchema>;

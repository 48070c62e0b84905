import type { z } from 'zod';
import type { NsdInfoSchema, VnfPkgInfoSchema } from '../../protocol/sol005/packages.ts';
import type { ListedPackage } from '../../runtime/packages/package-resources.ts';
import { dateTime, type ResourceIds } from './ns-instance-view.ts';

export const NS_DESCRIPTORS = '/nsd/v1/ns_descriptors';
export const VNF_PACKAGES = '/vnfpkgm/v1/vnf_packages';

/** An NSD as SOL005 shows it. */
export function nsdInfoView(listed: ListedPackage, ids: ResourceIds): z.input<typeof NsdInfoSchema> {
  const { resource, stored } = listed;
  const { record } = stored ?? {};
  const self = `${NS_DESCRIPTORS}/${resource.id}`;
  return {
    id: resource.id,
    ...(record === undefined
      ? {}
      : {
          nsdId: record.id,
          nsdName: record.name,
          nsdVersion: record.version,
          nsdInvariantId: record.invariantId ?? record.id,
          vnfPkgIds: record.needs.map((id) => ids('vnfd', id)),
          artifacts: artifactsOf(listed),
        }),
    nsdOnboardingState: stateOf(listed),
    nsdOperationalState: record === undefined ? 'DISABLED' : 'ENABLED',
    nsdUsageState: stored?.usage ?? 'NOT_IN_USE',
    ...commonOf(listed),
    _links: {
      self: { href: self },
      nsd_content: { href: `${self}/nsd_content` },
      nsd: { href: `${self}/nsd` },
    },
  };
}

/** A VNF package as SOL005 shows it. */
export function vnfPkgInfoView(listed: ListedPackage): z.input<typeof VnfPkgInfoSchema> {
  const { resource, stored } = listed;
  const { record } = stored ?? {};
  const self = `${VNF_PACKAGES}/${resource.id}`;
  return {
    id: resource.id,
    ...(record === undefined
      ? {}
      : {
          vnfdId: record.id,
          vnfProductName: record.name,
          vnfdVersion: record.version,
          checksum: { algorithm: 'SHA-256', hash: record.digest },
          additionalArtifacts: artifactsOf(listed),
        }),
    onboardingState: stateOf(listed),
    operationalState: record === undefined ? 'DISABLED' : 'ENABLED',
    usageState: stored?.usage ?? 'NOT_IN_USE',
    ...commonOf(listed),
    _links: {
      self: { href: self },
      packageContent: { href: `${self}/package_content` },
      vnfd: { href: `${self}/vnfd` },
    },
  };
}

function stateOf({ resource, stored }: ListedPackage): 'CREATED' | 'ONBOARDED' | 'ERROR' {
  if (stored !== undefined) return 'ONBOARDED';
  return resource.failure === null ? 'CREATED' : 'ERROR';
}

function commonOf({ resource, stored }: ListedPackage) {
  const { record } = stored ?? {};
  const failure = record === undefined ? resource.failure : null;
  return {
    usedBy: [...(stored?.usedBy ?? [])],
    ...(failure === null ? {} : { onboardingFailureDetails: failure }),
    ...(record === undefined
      ? {}
      : { onboardedAt: dateTime(record.onboardedAtMs), updatedAt: dateTime(record.updatedAtMs) }),
    ...(resource.userDefinedData === null ? {} : { userDefinedData: resource.userDefinedData }),
  };
}

function artifactsOf({ stored }: ListedPackage) {
  return (stored?.record.files ?? []).map(({ path, sha256 }) => ({
    artifactPath: path,
    checksum: { algorithm: 'SHA-256' as const, hash: sha256 },
  }));
}

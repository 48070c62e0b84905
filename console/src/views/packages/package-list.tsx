import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { ask } from '../../data/ask.ts';
import { useAsked } from '../../data/use-asked.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';

/** As SOL005 shows it. */
interface NsdInfo {
  readonly id: string;
  readonly nsdId?: string;
  readonly nsdName?: string;
  readonly nsdVersion?: string;
  readonly nsdOnboardingState: string;
  readonly nsdUsageState: string;
  readonly usedBy?: readonly string[];
}

interface VnfPkgInfo {
  readonly id: string;
  readonly vnfdId?: string;
  readonly vnfProductName?: string;
  readonly vnfdVersion?: string;
  readonly onboardingState: string;
  readonly usageState: string;
  readonly usedBy?: readonly string[];
}

interface Row {
  readonly key: string;
  readonly path: string;
  readonly kind: 'nsd' | 'vnfd';
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly state: string;
  readonly usedBy: readonly string[];
  readonly inUse: boolean;
}

const EVERY_MS = 4000;
/** Of each kind the first page is shown. */
const PAGE = 100;
const NSDS = '/nsd/v1/ns_descriptors';
const VNFDS = '/vnfpkgm/v1/vnf_packages';

function rowOfNsd({ id, nsdId, nsdName, nsdVersion, ...rest }: NsdInfo): Row {
  return {
    ...{ key: `nsd/${id}`, path: `${NSDS}/${encodeURIComponent(id)}`, kind: 'nsd', id: nsdId ?? id },
    ...{ name: nsdName ?? '', version: nsdVersion ?? '', state: rest.nsdOnboardingState },
    ...{ usedBy: rest.usedBy ?? [], inUse: rest.nsdUsageState === 'IN_USE' },
  };
}

function rowOfVnfd({ id, vnfdId, vnfProductName, vnfdVersion, ...rest }: VnfPkgInfo): Row {
  return {
    ...{ key: `vnfd/${id}`, path: `${VNFDS}/${encodeURIComponent(id)}`, kind: 'vnfd', id: vnfdId ?? id },
    ...{ name: vnfProductName ?? '', version: vnfdVersion ?? '', state: rest.onboardingState },
    ...{ usedBy: rest.usedBy ?? [], inUse: rest.usageState === 'IN_USE' },
  };
}

/** What is onboarded. */
export function PackageList() {
  const nsds = useAsked<readonly NsdInfo[]>(NSDS, EVERY_MS);
  const vnfds = useAsked<readonly VnfPkgInfo[]>(VNFDS, EVERY_MS);
  const { value: services = [] } = useAsked<readonly ServiceInstance[]>('/v1/services', EVERY_MS);
  const names = new Map(services.map(({ id, name }) => [id, name]));
  const refused = nsds.refused ?? vnfds.refused;
  if (nsds.value === undefined || vnfds.value === undefined) {
    return refused === undefined ? <Loading what="the packages" /> : <RefusedNote refused={refused} />;
  }
  const rows: readonly Row[] = [...nsds.value.map(rowOfNsd), ...vnfds.value.map(rowOfVnfd)];
  const isMore = nsds.value.length >= PAGE || vnfds.value.length >= PAGE;
  const again = () => {
    nsds.again();
    vnfds.again();
  };
  return (
    <>
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {isMore ? (
        <p className="about">
          The first {PAGE} of each kind; <code>muster package list</code> has all.
        </p>
      ) : null}
      <DataTable
        caption={`${many(rows.length, 'package')} onboarded`}
        rows={rows}
        keyOf={({ key }) => key}
        empty="Nothing is onboarded yet. Drop packages above, or muster package onboard catalogue/*_vnf."
        columns={[
          { name: 'kind', cell: ({ kind }) => kind, value: ({ kind }) => kind },
          { name: 'id', cell: ({ id }) => id, value: ({ id }) => id },
          { name: 'name', cell: ({ name }) => name, value: ({ name }) => name },
          { name: 'version', cell: ({ version }) => version },
          { name: 'state', cell: ({ state }) => state.toLowerCase() },
          {
            name: 'used by',
            cell: ({ usedBy, inUse }) =>
              usedBy.length === 0 && inUse
                ? 'in use'
                : usedBy.map((id) => (
                    <ViewLink key={id} to={`/services/${encodeURIComponent(id)}`} className="user">
                      {names.get(id) ?? id}
                    </ViewLink>
                  )),
          },
          {
            name: 'delete',
            cell: ({ kind, id, path, inUse }) => (
              <ActionButton
                label="Delete"
                about={`${kind}/${id}`}
                title={`Delete ${kind}/${id}?`}
                confirm="delete it"
                command={`muster package delete ${kind}/${id} --yes`}
                unless={inUse ? 'A service uses it.' : undefined}
                act={async () => {
                  await ask(path, { method: 'DELETE' });
                  again();
                }}
              >
                <p>
                  Its files are forgotten. Nothing that runs is touched; what names it cannot be started any
                  more.
                </p>
              </ActionButton>
            ),
          },
        ]}
      />
    </>
  );
}

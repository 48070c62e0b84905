import { CATALOGUE, type CatalogueEntry, isCatalogueName } from '../../protocol/catalogue.ts';
import type { Nsd, Vdu } from '../../protocol/descriptors.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { UnitRecipe } from '../../protocol/service-record.ts';
import type { ImageTarget } from '../../protocol/site-config.ts';
import { fillPlaceholders, fillTemplate } from './fill-in.ts';
import { interfacesOf } from './interfaces.ts';
import type { PlanRefusal } from './refusal.ts';
import type { PlannedVnf } from './resolve-vnfs.ts';

export interface RecipeInput {
  readonly nsd: Nsd;
  readonly wanted: ServiceFile;
  /** What stands for an image here; undefined: nothing. */
  imageFor(image: string): ImageTarget | undefined;
  /** Text of a cloud-init file of a VNFD's package; undefined: it is not in it. */
  cloudInitFile(vnfd: string, name: string): string | undefined;
}

/** Values for a member: its own win over those of the service. */
export function valuesOf(wanted: ServiceFile, member: string): Readonly<Record<string, string>> {
  return { ...wanted.parameters, ...wanted.members?.[member]?.parameters };
}

/** Values for what is done to a member on its first day. */
export function day1ValuesOf(wanted: ServiceFile, member: string): Readonly<Record<string, string>> {
  return { ...valuesOf(wanted, member), ...wanted.members?.[member]?.day1 };
}

/** What a unit of a VDU is ordered with, or why it cannot be: an image nobody has mapped, values that nobody has given. */
export function unitRecipe(
  vnf: PlannedVnf,
  vdu: Vdu,
  first: boolean,
  { nsd, wanted, imageFor, cloudInitFile }: RecipeInput,
): { readonly recipe: UnitRecipe | undefined; readonly refusals: readonly PlanRefusal[] } {
  const about = `member ${vnf.id}, VDU ${vdu.id}`;
  const refusals: PlanRefusal[] = [];
  const { image } = vdu;
  const target = image === undefined ? undefined : imageFor(image);
  if (image === undefined) {
    refusals.push({ about, reason: 'it names no image', mend: 'give it a sw-image-desc in its VNFD' });
  } else if (target === undefined) {
    refusals.push({
      about,
      reason: `no program is mapped to its image ${image}`,
      mend: `in the site's configuration: images: { ${image}: { program: .. } } or { catalogue: .. }`,
    });
  }
  const values = valuesOf(wanted, vnf.member.id);
  const lacking = needsOf(target).filter((name) => !Object.hasOwn(values, name));
  if (lacking.length > 0) {
    refusals.push({
      about,
      reason: `its program needs the parameters ${lacking.join(', ')}`,
      mend: `in a service file: members: { ${vnf.member.id}: { parameters: { ${lacking[0]}: .. } } }; docs/functions.md says what they hold`,
    });
  }
  const written =
    vdu.cloudInit ??
    (vdu.cloudInitFile === undefined ? undefined : cloudInitFile(vnf.vnfd.id, vdu.cloudInitFile));
  const filled = written === undefined ? undefined : fillTemplate(written, values);
  if (filled !== undefined && filled.missing.length > 0) {
    refusals.push({
      about,
      reason: `its cloud-init needs values for ${filled.missing.join(', ')}`,
      mend: `parameters: of the service or of the member ${vnf.member.id}`,
    });
  }
  if (target === undefined || refusals.length > 0) return { recipe: undefined, refusals };
  return {
    recipe: {
      image: target,
      interfaces: [...interfacesOf(vnf, vdu, nsd, first)],
      ...(filled === undefined ? {} : { cloudInit: filled.text }),
      parameters: values,
    },
    refusals,
  };
}

function needsOf(target: ImageTarget | undefined): readonly string[] {
  if (target === undefined || !('catalogue' in target) || !isCatalogueName(target.catalogue)) return [];
  const entry: CatalogueEntry = CATALOGUE[target.catalogue];
  return entry.needs ?? [];
}

/** Values that primitives of the first day need and nobody has given. Those that are not carried out anyway need none. */
export function missingDay1Values(vnf: PlannedVnf, wanted: ServiceFile): readonly PlanRefusal[] {
  const values = day1ValuesOf(wanted, vnf.member.id);
  return vnf.flavour.primitives.flatMap((primitive) => {
    if (primitive.when !== 'initial' || primitive.outcome.state === 'FAILED') return [];
    const missing = primitive.parameters.flatMap(({ name, value }) =>
      Object.hasOwn(values, name) ? [] : fillPlaceholders(value ?? '', values).missing,
    );
    if (missing.length === 0) return [];
    const names = [...new Set(missing)].map((name) => `<${name}>`).join(', ');
    return [
      {
        about: `member ${vnf.id}, primitive ${primitive.name}`,
        reason: `it needs values for ${names}`,
        mend: `members: { ${vnf.member.id}: { day1: { .. } } }`,
      },
    ];
  });
}

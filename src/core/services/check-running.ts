import { imageTargetOf } from '../../protocol/catalogue.ts';
import type { Vnfd } from '../../protocol/descriptors.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import { showText } from '../problems/problem.ts';
import { type Cursor, each, named, titleOf } from './cursor.ts';
import { type PackageFinding, warned } from './package-finding.ts';

/** What will not go as the descriptor asks on this site: levels that are capped, images without a program, webhooks. */
export function checkRunning(vnfd: Vnfd, root: Cursor, site: SiteConfig): readonly PackageFinding[] {
  return [...cappedLevels(vnfd, root), ...unmappedImages(vnfd, root, site), ...webhooksOff(root, site)];
}

function cappedLevels(vnfd: Vnfd, root: Cursor): readonly PackageFinding[] {
  return each(root, 'df').flatMap((flavour, index) =>
    each(flavour, 'scaling-aspect').flatMap((at, place) => {
      const aspect = vnfd.flavours[index]?.scaling[place];
      if (aspect === undefined || aspect.maxLevel === aspect.askedMaxLevel) return [];
      const path = named(at, 'max-scale-level')?.path ?? at.path;
      const message = `\`${showText(aspect.id)}\` asks for ${aspect.askedMaxLevel} levels, and its VDUs have room for ${aspect.maxLevel}: capped there`;
      const mend = 'raise max-number-of-instances of the VDU, or lower max-scale-level';
      return [warned('levels-capped', { path, message, mend })];
    }),
  );
}

/** The names by which an image can be mapped, with the place at which a VDU names it. */
function unmappedImages(vnfd: Vnfd, root: Cursor, site: SiteConfig): readonly PackageFinding[] {
  const told = new Set<string>();
  return each(root, 'vdu').flatMap((at) => {
    const name = named(at, 'sw-image-desc');
    const vdu = vnfd.vdus.find((one) => one.id === named(at, 'id')?.text);
    const image = vdu?.image;
    if (name === undefined || image === undefined || vdu?.pduType !== undefined || told.has(image)) return [];
    told.add(image);
    if (imageTargetOf(site, image) !== undefined) return [];
    const message = `no program is mapped to the image \`${showText(image)}\`: instantiating it is refused`;
    const mend = `map it in the site's configuration: images: { ${showText(image)}: { program: .. } } or { catalogue: .. }`;
    return [warned('image-not-mapped', { path: name.path, message, mend })];
  });
}

function webhooksOff(root: Cursor, site: SiteConfig): readonly PackageFinding[] {
  return each(root, 'vdu', 'alarm').flatMap((alarm) => {
    const urls = ['ok', 'insufficient-data', 'alarm'].flatMap((on) =>
      each(alarm, 'actions', on).flatMap((action) => named(action, 'url') ?? []),
    );
    const off = urls.filter(({ text }) => !isAllowed(text, site.webhooks.allowHosts));
    const [first] = off;
    if (first === undefined) return [];
    const hosts = [...new Set(off.map(({ text }) => hostOf(text) ?? text))].map((host) => showText(host));
    const message = `webhooks of the alarm \`${showText(named(alarm, 'alarm-id')?.text ?? titleOf(alarm))}\` are off: ${hosts.join(', ')} is not on the allow-list`;
    const mend = `add it to the site's configuration: webhooks: { allowHosts: [${hosts.join(', ')}] }`;
    return [warned('webhooks-off', { path: first.path, message, mend })];
  });
}

/** Whether alarms may be told to this address: http or https, its host on the list, no user name in it. */
export function isAllowed(url: string, hosts: readonly string[]): boolean {
  const host = hostOf(url);
  return host !== undefined && hosts.includes(host);
}

function hostOf(url: string): string | undefined {
  try {
    const { protocol, hostname, username, password } = new URL(url);
    const plain = username === '' && password === '' && (protocol === 'https:' || protocol === 'http:');
    return plain ? hostname : undefined;
  } catch {
    return undefined;
  }
}

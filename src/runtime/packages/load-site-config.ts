import { resolve } from 'node:path';
import { z } from 'zod';
import { readBounded } from '../../adapters/package-source/read-folder.ts';
import { MusterError } from '../../protocol/errors.ts';
import { NO_SITE_CONFIG, type SiteConfig, SiteConfigSchema } from '../../protocol/site-config.ts';
import { parseYaml } from '../scenario/parse-yaml.ts';
import { renderProblems } from '../scenario/render-problems.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { toShape } from '../scenario/schema-shape.ts';

const MAX_BYTES = 1_000_000;
const HINT = 'images: { name: { catalogue: web-server } } maps an image; docs/packages.md has all of it';

/**
 * Reads what a site's operator has settled for packages. Without a file: nothing is.
 * @throws BAD_SITE with everything that is wrong with it.
 */
export async function loadSiteConfig(file: string | undefined): Promise<SiteConfig> {
  if (file === undefined) return NO_SITE_CONFIG;
  const bytes = await readBounded(resolve(file), MAX_BYTES).catch(() => undefined);
  if (bytes === undefined) {
    throw new MusterError('BAD_SITE', `cannot read ${file}, or it is larger than ${MAX_BYTES} bytes`, {
      hint: HINT,
    });
  }
  const source = { file, text: new TextDecoder().decode(bytes) };
  const bad = (problems: Parameters<typeof renderProblems>[1]) =>
    new MusterError('BAD_SITE', renderProblems(source, problems).trimEnd(), { hint: HINT });
  const words = { example: 'begin with `images:`', files: 'configurations' };
  const parsed = parseYaml(source.text, { words });
  if (!parsed.ok) throw bad(parsed.problems);
  const checked = SiteConfigSchema.safeParse(parsed.yaml.value);
  if (checked.success) return checked.data;
  const shape = toShape(z.toJSONSchema(SiteConfigSchema, { io: 'input' }));
  const findings = schemaProblems(parsed.yaml.value, checked.error.issues, shape);
  throw bad(findings.map((finding) => parsed.yaml.locate(finding)));
}

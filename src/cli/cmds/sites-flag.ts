import { MusterError } from '../../protocol/errors.ts';
import { type Substrate, SubstrateSchema } from '../../protocol/substrate.ts';
import {
  generatedSubstrate,
  MOST_GENERATED_SITES,
  type SiteShape,
} from '../../runtime/placement/generated-substrate.ts';
import { readYamlFile } from '../../runtime/plan/read-yaml-file.ts';

/** The sites that `--sites` asks for: a number of generated ones, or those of a file. @throws USAGE, BAD_FILE. */
export async function substrateOf(asked: string, shape: SiteShape): Promise<Substrate> {
  if (!/^\d+$/.test(asked)) {
    return readYamlFile(asked, SubstrateSchema, 'sites have `sites`, `hosts` and `links`; or give a number');
  }
  const count = Number(asked);
  if (count >= 2 && count <= MOST_GENERATED_SITES) return generatedSubstrate(count, shape);
  throw new MusterError('USAGE', `--sites ${asked}: 2 to ${MOST_GENERATED_SITES}`, {
    hint: 'more sites, or fewer, in a file: muster up --sites FILE',
  });
}

import { z } from 'zod';
import { type NodeName, NodeNameSchema } from '../../protocol/ids.ts';
import { OsmVimSchema } from '../../protocol/osm/answers.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { stableUuid } from '../../runtime/packages/package-resources.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import type { Northbound } from '../northbound.ts';
import { OsmQuerySchema, osmFiltered, seconds } from './osm-format.ts';

/** The account that stands for all sites: which it is, is bargained over. */
const ALL_SITES = 'muster';
const PATH = '/osm/admin/v1/vim_accounts';

export function vimAccountId(site: string): string {
  return stableUuid(`site ${site}`);
}

/** The sites that an account stands for; undefined: any. By its id or its name. */
export function sitesOf({ sites }: Northbound, account: string): NodeName[] | undefined {
  if (account === ALL_SITES || account === vimAccountId(ALL_SITES)) return undefined;
  const found = sites().find((site) => site === account || vimAccountId(site) === account);
  if (found !== undefined) return [NodeNameSchema.parse(found)];
  throw noAccount(account);
}

/** The sites as OSM's VIM accounts, to be read. */
export function vimEndpoints(to: Northbound): readonly Endpoint[] {
  const all = () => [
    vimView(ALL_SITES, 'any site: the agents bargain over which'),
    ...to.sites().map((site) => vimView(site, `the site ${site}`)),
  ];
  const tag = 'OSM: sites';
  return [
    endpoint({
      method: 'GET',
      path: PATH,
      tag,
      summary: 'The sites, and one that stands for all of them',
      params: NOTHING,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Those that fit', schema: z.array(OsmVimSchema) } },
      handle: async ({ query }) => ({ status: 200, body: osmFiltered(all(), query) }),
    }),
    endpoint({
      method: 'GET',
      path: `${PATH}/{id}`,
      tag,
      summary: 'A site, by its id or its name',
      params: z.object({ id: IdentifierSchema }),
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'It', schema: OsmVimSchema } },
      handle: async ({ params: { id } }) => {
        const body = all().find((each) => each._id === id || each.name === id);
        if (body === undefined) throw noAccount(id);
        return { status: 200, body };
      },
    }),
  ];
}

function vimView(name: string, description: string): z.output<typeof OsmVimSchema> {
  return {
    _id: vimAccountId(name),
    name,
    vim_type: 'muster',
    description,
    vim_url: '',
    vim_user: '',
    vim_tenant_name: '',
    schema_version: '1.11',
    _admin: { created: seconds(0), modified: seconds(0), operationalState: 'ENABLED', 'detailed-status': '' },
  };
}

function noAccount(account: string): HttpProblem {
  return new HttpProblem({
    status: 404,
    reason: `there is no VIM account ${account.slice(0, 100)}`,
    hint: `GET ${PATH} lists them; ${ALL_SITES} stands for any site`,
    code: 'NOT_FOUND',
  });
}

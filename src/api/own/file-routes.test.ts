import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatalogueServiceSchema } from '../../protocol/catalogue-service.ts';
import { type ApiBench, apiBench, SHOP, UP_TOKEN, WALL, WEB } from '../testing/api-bench.ts';
import { field } from '../testing/field.ts';

let bench: ApiBench;
beforeEach(async () => {
  // As the bench's services have it.
  const images = Object.fromEntries(['wall-image', 'web-image'].map((name) => [name, { catalogue: name }]));
  bench = await apiBench({ site: { images, webhooks: { allowHosts: [] } } });
});
afterEach(() => bench.close());

/** Sends files as a browser does: name and text of each. */
async function send(what: string, files: Readonly<Record<string, string>>) {
  const form = new FormData();
  for (const [name, text] of Object.entries(files)) form.append('files', new Blob([text]), name);
  const request = new Response(form);
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bench.send('POST', `/v1/files/${what}`, bytes, request.headers.get('content-type') ?? '');
}

const GOOD = { 'shop_nsd.yaml': SHOP, 'wall_vnfd.yaml': WALL, 'web_vnfd.yaml': WEB };
const SERVICE = `service:
  name: shop
  nsd: shop-ns
  members: { web: { day1: { whom: world } } }
`;
const onboarded = async () => (await bench.bench.packages.view()).keys('').length;

describe('files that are sent together', () => {
  it('are checked against one another, with each mistake at its line; nothing is kept of them', async () => {
    const wrong = { ...GOOD, 'wall_vnfd.yaml': WALL.replace('sw-image-desc: image', 'sw-image-desc: imge') };
    const { status, body } = await send('check', wrong);
    expect(status).toBe(200);
    const line = wrong['wall_vnfd.yaml'].split('\n').findIndex((each) => each.includes('imge')) + 1;
    expect(field(body, 'files/1')).toMatchObject({
      name: 'wall_vnfd.yaml',
      outcome: 'refused',
      problems: expect.arrayContaining([
        expect.objectContaining({
          file: 'wall_vnfd.yaml',
          line,
          severity: 'error',
          mend: 'did you mean `image`?',
        }),
      ]),
      source: { text: wrong['wall_vnfd.yaml'] },
    });
    expect(field(body, 'files/2/outcome')).toBe('held-back');
    expect(field(body, 'services')).toEqual([]);
    expect(await onboarded()).toBe(0);
  });

  it('tell what applying them would change, and what stands in its way', async () => {
    const { body } = await send('check', {
      ...GOOD,
      'shop.yaml': SERVICE,
    });
    expect(field(body, 'services/0')).toMatchObject({
      service: 'shop',
      refusal: null,
      changes: expect.arrayContaining([{ about: 'service shop', change: 'is created' }]),
    });
    const lacking = await send('check', GOOD);
    expect(field(lacking.body, 'services/0/refusal/reason')).toMatch(/whom/);
    expect(await onboarded()).toBe(0);
  });

  it('are applied: packages are onboarded, the service is begun in the name of who asked', async () => {
    const files = { ...GOOD, 'shop.yaml': SERVICE };
    const { status, body } = await send('apply', files);
    expect(status).toBe(202);
    expect(field(body, 'services/0/outcome')).toBe('created');
    expect(await bench.settled(String(field(body, 'services/0/operation/id')))).toBe('COMPLETED');
    const again = await send('apply', files);
    expect(field(again.body, 'services/0')).toMatchObject({ outcome: 'unchanged', operation: null });
    const checked = await send('check', files);
    expect(field(checked.body, 'files/0/outcome')).toBe('unchanged');
    expect(field(checked.body, 'services/0/changes')).toEqual([]);
  });

  it('are onboarded all or none; what would take the place of another asks for it', async () => {
    expect((await send('onboard', { ...GOOD, 'web_vnfd.yaml': 'vnfd: 3' })).status).toBe(422);
    expect(await onboarded()).toBe(0);
    expect((await send('onboard', GOOD)).status).toBe(200);
    const other = { 'web_vnfd.yaml': WEB.replace('product-name: web', 'product-name: other') };
    expect((await send('onboard', other)).status).toBe(409);
    const updated = await send('onboard?update=true', other);
    expect(field(updated.body, 'files/0/outcome')).toBe('updated');
  });

  it('of a folder are one package', async () => {
    const { body } = await send('check', { 'web_vnf/web_vnfd.yaml': WEB, 'web_vnf/icons/web.svg': '<svg/>' });
    expect(field(body, 'files')).toMatchObject([{ name: 'web_vnf', kind: 'vnfd', outcome: 'onboarded' }]);
  });
});

describe('files that are hostile', () => {
  it('name no other file of this machine', async () => {
    const { body } = await send('check', { 'x.yaml': 'service:\n  name: x\n  nsd: { file: /etc/passwd }\n' });
    expect(field(body, 'files/0')).toMatchObject({ outcome: 'refused', problems: [{ line: 3 }] });
    expect(JSON.stringify(body)).not.toContain('root:');
  });

  it('that are a zip are refused with how to pack them', async () => {
    const { body } = await send('check', { 'web.zip': 'PK\u0003\u0004rest' });
    expect(field(body, 'files/0')).toMatchObject({
      outcome: 'refused',
      problems: [{ message: 'zip archives are not taken', mend: expect.stringContaining('tar czf') }],
    });
  });

  it('that climb out of their folder are refused', async () => {
    const { body } = await send('check', { 'web/../../../tmp/x': 'a', 'web/web_vnfd.yaml': WEB });
    expect(field(body, 'files/0/outcome')).toBe('refused');
  });

  it.each([
    ['no form', 'text/plain', 'vnfd: 1', 415],
    ['no boundary', 'multipart/form-data; a=b', 'x', 400],
    ['torn', 'multipart/form-data; boundary=x', '--x\r\nContent-Dis', 400],
    ['empty', 'multipart/form-data; boundary=x', '--x--\r\n', 400],
  ])('in a form that is none (%s) are answered by a problem', async (_, type, bytes, status) => {
    for (const what of ['check', 'onboard', 'apply']) {
      expect((await bench.send('POST', `/v1/files/${what}`, bytes, type)).status).toBe(status);
    }
    expect(bench.trouble).toEqual([]);
  });

  it('are not even looked at for who may only read', async () => {
    const viewer = await bench.token('eve', 'viewer');
    expect(viewer).not.toBe(UP_TOKEN);
    const { status } = await bench.send('POST', '/v1/files/check', 'x', 'multipart/form-data; boundary=x', {
      authorization: `Bearer ${viewer}`,
    });
    expect(status).toBe(403);
  });

  it('of the catalogue can be sent back as they came: nothing stands in the way but what an operator has to say', async () => {
    const { status, body } = await bench.ask('GET', '/v1/catalogue');
    expect(status).toBe(200);
    const services = CatalogueServiceSchema.array().parse(body);
    expect(services.map(({ id }) => id)).toEqual([
      'balanced-web',
      'protected-web',
      'stamped-web',
      'watched-video',
    ]);
    for (const { id, about, files } of services) {
      expect(about).not.toBe('');
      const checked = await send('check', Object.fromEntries(files.map(({ name, text }) => [name, text])));
      const refusal = id === 'stamped-web' ? { reason: expect.stringContaining('stamp-key') } : null;
      expect(checked.body).toMatchObject({ services: [{ service: id, refusal }] });
      expect(field(checked.body, 'files')).toHaveLength(files.length);
    }
  });
});

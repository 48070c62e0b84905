import { expect, it } from 'vitest';
import { loadServiceFiles } from './load-service-files.ts';

const root = new URL('../../../', import.meta.url).pathname;

it('packages without a service file are asked for with control agents where that is said', async () => {
  const nsd = `${root}catalogue/watched-video_ns`;
  const { services } = await loadServiceFiles([nsd], { control: 'planned' });
  expect(services).toEqual([{ name: 'watched-video', nsd: 'watched-video', control: 'planned' }]);
  expect((await loadServiceFiles([nsd])).services).toEqual([{ name: 'watched-video', nsd: 'watched-video' }]);
});

import { expect, test } from 'vitest';
import { createMemoryStore } from '../../adapters/store-memory/memory-store.ts';
import { ServiceFileSchema } from '../../protocol/service-file.ts';
import { newService } from './new-service.ts';
import { addService, changeService, forgetOldest, MOST_REMOVED } from './service-records.ts';

test('of services that are gone the operations of the newest are kept', async () => {
  const store = createMemoryStore();
  const put = (id: string, n: number) => ({
    kind: 'put' as const,
    key: `operation/${id}/op${n}`,
    value: new Uint8Array(),
  });
  for (let n = 0; n < MOST_REMOVED + 2; n++) {
    const id = `id ${n}`;
    await addService(
      store,
      newService(ServiceFileSchema.parse({ name: `s${n}`, nsd: 'shop' }), 'default', id, n),
    );
    const key = encodeURIComponent(id);
    await store.update(async () => ({ changes: [put(key, 1), put(key, 2)], answer: undefined }));
    if (n === 0) continue;
    await changeService(store, id, undefined, async () => ({
      stored: { service: undefined },
      answer: undefined,
    }));
  }
  await forgetOldest(store);
  const view = await store.view();
  expect(view.keys('removed/')).toHaveLength(MOST_REMOVED);
  expect(view.keys('operation/')).toHaveLength(2 * MOST_REMOVED + 2);
  // That of `id 0` is still there; `id 1` went first.
  expect(view.keys('service/')).toEqual(['service/id%200']);
  expect(view.keys('operation/id%200/')).toHaveLength(2);
  expect(view.keys('operation/id%201/')).toEqual([]);
});

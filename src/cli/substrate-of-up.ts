import { z } from 'zod';
import { type Substrate, SubstrateSchema } from '../protocol/substrate.ts';
import type { UpFile } from '../runtime/up/up-file.ts';
import { askUp } from './ask-up.ts';

const NetworkSchema = z.looseObject({ substrate: SubstrateSchema.nullable() });

/** What the sites have that are up; null: no sites are, but a network alone. */
export const substrateOf = async (up: UpFile): Promise<Substrate | null> =>
  NetworkSchema.parse(await askUp(up, 'GET', '/v1/network')).substrate;

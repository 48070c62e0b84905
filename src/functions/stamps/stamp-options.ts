import { endpoint, port } from '../parameters.ts';
import { StampKeySchema } from './stamps.ts';

/** Parameters of every function that stamps what passes; without `stamp-key` it does not. */
export const stampShape = {
  /** Its name in the stamps, and its own key: `fw=<64 hexadecimal digits>`. */
  'stamp-key': StampKeySchema.optional(),
  /** Where requests that are stamped go to. */
  'stamp-destination': endpoint.optional(),
  /** Port of its own that it takes them in at. */
  'stamp-port': port(7878),
};

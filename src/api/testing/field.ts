/** A value within JSON, by its path: `vnfInstance/0/id`. */
export function field(body: unknown, path: string): unknown {
  return path.split('/').reduce<unknown>((at, name) => {
    return typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  }, body);
}

export function text(body: unknown, path: string): string {
  return String(field(body, path));
}

/** Where what is shown comes from: what is up, or a run of a scenario. */
export type Source = { readonly kind: 'up' } | { readonly kind: 'run'; readonly id: string };

const UP: Source = { kind: 'up' };

/** As it stands in addresses. */
export function sourceOf(name: string | null): Source {
  return name === null || name === '' || name === 'up' ? UP : { kind: 'run', id: name };
}

export function nameOf(source: Source): string {
  return source.kind === 'up' ? 'up' : source.id;
}

import { readFileSync } from 'node:fs';

export interface GmlNode {
  readonly id: number;
  readonly cpu: number | undefined;
}
export interface GmlEdge {
  readonly source: number;
  readonly target: number;
  readonly bandwidth: number | undefined;
}
export interface GmlGraph {
  readonly nodes: readonly GmlNode[];
  /** Between two different nodes, each pair once. */
  readonly edges: readonly GmlEdge[];
}

/** Reads what the bench needs of a topology: nodes, edges, and their capacities where the file states them. */
export function readGml(name: string): GmlGraph {
  const text = readFileSync(new URL(`./topologies/${name}.gml`, import.meta.url), 'utf8');
  const nodes = blocks(text, 'node').map((block) => ({
    id: number(block, 'id') ?? -1,
    cpu: number(block, 'cpu'),
  }));
  const seen = new Set<string>();
  const edges = blocks(text, 'edge').flatMap((block): GmlEdge[] => {
    const source = number(block, 'source') ?? -1;
    const target = number(block, 'target') ?? -1;
    const key = [source, target].sort((a, b) => a - b).join();
    if (source === target || seen.has(key)) return [];
    seen.add(key);
    return [{ source, target, bandwidth: number(block, 'bw') }];
  });
  return { nodes, edges };
}

function blocks(text: string, kind: 'node' | 'edge'): readonly string[] {
  return [...text.matchAll(new RegExp(`^  ${kind} \\[([\\s\\S]*?)^  \\]`, 'gm'))].flatMap(
    (match) => match[1] ?? [],
  );
}

function number(block: string, key: string): number | undefined {
  const found = new RegExp(`^\\s+${key} (-?[0-9.]+)$`, 'm').exec(block)?.[1];
  return found === undefined ? undefined : Number(found);
}

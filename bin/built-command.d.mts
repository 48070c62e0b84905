export function builtCommand(root: string): string | undefined;

/** Ends functions that an earlier `muster up` has left, killed or told to keep them. Answers whether there were any. */
export async function endLeftFunctions(home: string): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  // Loaded when it is needed: it is a part of the data plane.
  const { cleanUpFunctions } = await import('../../runtime/up/functions-directory.ts');
  return cleanUpFunctions(home);
}

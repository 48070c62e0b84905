/** The argument with which an agent's program executes decisions again instead of deciding. */
export const RE_EXECUTE = 're-execute';

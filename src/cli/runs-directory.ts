/** Where runs are recorded, below the current directory: those of scenarios, of what-ifs, and of what was up. */
export const RUNS = 'runs';

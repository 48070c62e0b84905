import { describeDataPlane } from './data-plane-suite.ts';

describeDataPlane('twin');

import type { CatalogueName } from '../protocol/catalogue.ts';
import { anomalyDetector } from './anomaly-detector.ts';
import { classifier } from './classifier.ts';
import { client } from './client.ts';
import { firewall } from './firewall.ts';
import { forwarder, stamper } from './forwarder.ts';
import type { FunctionProgram } from './function-program.ts';
import { linkMonitor } from './link-monitor.ts';
import { loadBalancer } from './load-balancer.ts';
import { rateLimiter } from './rate-limiter.ts';
import { videoStreamer } from './video-streamer.ts';
import { webServer } from './web-server.ts';

/** The program of every entry of the catalogue. */
export const programs: Readonly<Record<CatalogueName, FunctionProgram>> = {
  'anomaly-detector': anomalyDetector,
  classifier,
  client,
  firewall,
  forwarder,
  'link-monitor': linkMonitor,
  'load-balancer': loadBalancer,
  'rate-limiter': rateLimiter,
  stamper,
  'video-streamer': videoStreamer,
  'web-server': webServer,
};

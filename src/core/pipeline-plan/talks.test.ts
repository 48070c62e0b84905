import { expect, it } from 'vitest';
import { anomalyDetection } from '../../capabilities/anomaly-detection/anomaly-detection.ts';
import { classifier } from '../../capabilities/classifier/classifier.ts';
import { linkMonitor } from '../../capabilities/link-monitor/link-monitor.ts';
import { rateLimiter } from '../../capabilities/rate-limiter/rate-limiter.ts';
import { webServer } from '../../capabilities/web-server/web-server.ts';
import { TALKS } from './talks.ts';

it('what capabilities ask of one another is what they declare', () => {
  const all = [linkMonitor, rateLimiter, anomalyDetection, classifier, webServer];
  const declared = all.flatMap((asking) =>
    asking.goals
      .filter((each) => 'auction' in each && each.auction !== undefined)
      .flatMap(({ goal }) =>
        all
          .filter(({ offers }) => offers.some((offer) => offer.name === goal.name))
          .map((able) => `${asking.name} asks ${able.name} for ${goal.name}`),
      ),
  );
  expect(TALKS.map(({ asks, offers, goal }) => `${asks} asks ${offers} for ${goal}`).sort()).toEqual(
    declared.sort(),
  );
});

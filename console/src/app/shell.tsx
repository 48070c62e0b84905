import { Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import type { Refused } from '../data/ask.ts';
import { Empty, Loading } from '../parts/states.tsx';
import { Nav } from './nav.tsx';
import { TimeBar } from './time-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { Tour } from './tour/tour.tsx';
import { VIEWS } from './views.ts';
import { WithinBounds } from './within-bounds.tsx';

/** What stands around every view: where one is, what one looks at, and at which time. */
export function Shell({ onLeave }: { onLeave(why: Refused): void }) {
  const [path] = useLocation();
  return (
    <div className="shell">
      <a className="skip" href="#view">
        to the view
      </a>
      <TopBar onLeave={onLeave} />
      <Nav />
      <Tour />
      <main id="view" tabIndex={-1}>
        <WithinBounds key={path}>
          <Suspense fallback={<Loading what="the view" />}>
            <Switch>
              {VIEWS.flatMap(({ paths, View }) =>
                paths.map((each) => <Route key={each} path={each} component={View} />),
              )}
              <Route>
                <Empty>There is no such view. The menu lists those that there are.</Empty>
              </Route>
            </Switch>
          </Suspense>
        </WithinBounds>
      </main>
      <TimeBar />
    </div>
  );
}

import { createRequire } from 'node:module';
import { BIDDERS } from '../workloads/contract-net.ts';
import { ratePerSecond } from '../workloads/rate.ts';

// The package is CommonJS without named exports that Node can see.
const { Agent, Belief, Environment, Plan }: typeof import('js-son-agent') = createRequire(import.meta.url)(
  'js-son-agent',
);

/** An agent that has one thing to do each time it is asked: its plan applies when there is work, and answers an action. */
function worker(id: string) {
  return new Agent({
    id,
    beliefs: { ...Belief('work', 0) },
    desires: {},
    plans: [
      Plan(
        (beliefs) => Number(beliefs['work']) > 0,
        (beliefs) => [{ done: beliefs['work'] }],
      ),
    ],
  });
}

/** One agent: calls of `next()`, each revising a belief and running the plan, per second. */
export function jsSonOneAgent(): Record<string, number> {
  const agent = worker('a');
  let n = 0;
  return {
    perSecond: ratePerSecond(() => {
      for (let turn = 0; turn < 50; turn++)
        if (agent.next({ work: ++n }).length !== 1) throw new Error('no plan ran');
      return 50;
    }),
  };
}

/** A thousand agents in its Environment: calls of `next()` of all, per second. */
export function jsSonManyAgents(): Record<string, number> {
  let done = 0;
  const agents = Array.from({ length: 1000 }, (_, index) => worker(`a${index}`));
  const environment = new Environment(
    agents,
    { work: 1 },
    (actions, _, state) => {
      done += actions.length;
      return state;
    },
    () => {},
    (state) => state,
  );
  return {
    perSecond: ratePerSecond(() => {
      const before = done;
      environment.run(1);
      environment.history.length = 0;
      return done - before;
    }),
  };
}

/**
 * A contract net of a hundred bidders in JS-son, its agents called in turn: a cfp to each, a proposal from each, the award and
 * its result, the rejections. No envelopes, deadlines or checks: less work than ours does. Messages per second.
 */
export function jsSonContractNet(): Record<string, number> {
  const bidders = Array.from(
    { length: BIDDERS },
    (_, index) =>
      new Agent({
        id: `b${index}`,
        beliefs: { ...Belief('cfp', 0), ...Belief('award', 0) },
        desires: {},
        plans: [
          Plan(
            (beliefs) => Number(beliefs['cfp']) > 0 && Number(beliefs['award']) === 0,
            () => [{ propose: (index * 37) % 101 }],
          ),
          Plan(
            (beliefs) => Number(beliefs['award']) > 0,
            () => [{ inform: 'dug' }],
          ),
        ],
      }),
  );
  const initiator = new Agent({
    id: 'initiator',
    beliefs: { ...Belief('bids', []) },
    desires: {},
    plans: [
      Plan(
        (beliefs) => Array.isArray(beliefs['bids']) && beliefs['bids'].length === BIDDERS,
        (beliefs) => {
          const bids = Array.isArray(beliefs['bids']) ? beliefs['bids'].map(Number) : [];
          return [{ accept: bids.indexOf(Math.min(...bids)) }];
        },
      ),
    ],
  });
  let round = 0;
  return {
    perSecond: ratePerSecond(() => {
      round++;
      let messages = 0;
      const bids: number[] = [];
      for (const bidder of bidders) {
        messages += 2;
        bids.push(Number(bidder.next({ cfp: round, award: 0 })[0]?.[0]?.['propose']));
      }
      const winner = Number(initiator.next({ bids })[0]?.[0]?.['accept']);
      bidders.forEach((bidder, index) => {
        messages++;
        const actions = bidder.next(index === winner ? { cfp: 0, award: round } : { cfp: 0, award: 0 });
        if (index === winner && actions[0]?.[0]?.['inform'] === 'dug') messages++;
      });
      if (messages !== 3 * BIDDERS + 1) throw new Error(`an auction took ${messages} messages`);
      return messages;
    }),
  };
}

/**
 * The same in its Environment. Its own messages reach only the last of several recipients, so each agent gets its post through
 * the environment's state instead. Messages per second.
 */
export function jsSonContractNetInEnvironment(): Record<string, number> {
  type Post = { readonly to: string; readonly text: string; readonly price: number };
  const boxes = new Map<string, Post[]>();
  let messages = 0;
  let dug = 0;
  let opened = false;
  const texts = (beliefs: Record<string, unknown>, text: string): Post[] => {
    const post = beliefs['post'];
    // Put there by the state filter below.
    return Array.isArray(post) ? (post as Post[]).filter((each) => each.text === text) : [];
  };
  const ids = Array.from({ length: BIDDERS }, (_, index) => `b${index}`);
  const bidders = ids.map(
    (id, index) =>
      new Agent({
        id,
        beliefs: {},
        desires: {},
        plans: [
          Plan(
            (beliefs) => texts(beliefs, 'cfp').length > 0,
            () => [{ post: [{ to: 'initiator', text: 'propose', price: (index * 37) % 101 }] }],
          ),
          Plan(
            (beliefs) => texts(beliefs, 'accept').length > 0,
            () => [{ post: [{ to: 'initiator', text: 'inform', price: 0 }] }],
          ),
        ],
      }),
  );
  const initiator = new Agent({
    id: 'initiator',
    beliefs: {},
    desires: {},
    plans: [
      Plan(
        () => !opened,
        () => {
          opened = true;
          return [{ post: ids.map((to) => ({ to, text: 'cfp', price: 0 })) }];
        },
      ),
      Plan(
        (beliefs) => texts(beliefs, 'propose').length === BIDDERS,
        (beliefs) => {
          const prices = texts(beliefs, 'propose').map((each) => each.price);
          const winner = prices.indexOf(Math.min(...prices));
          return [
            { post: ids.map((to, at) => ({ to, text: at === winner ? 'accept' : 'reject', price: 0 })) },
          ];
        },
      ),
      Plan(
        (beliefs) => texts(beliefs, 'inform').length > 0,
        () => {
          dug++;
          return [];
        },
      ),
    ],
  });
  const environment = new Environment(
    [initiator, ...bidders],
    {},
    (actions, agentId, state) => {
      boxes.set(agentId, []);
      for (const action of actions.flat()) {
        // As the plans above make them.
        for (const each of (action['post'] ?? []) as readonly Post[]) {
          messages++;
          const box = boxes.get(each.to);
          if (box === undefined) boxes.set(each.to, [each]);
          else box.push(each);
        }
      }
      return state;
    },
    () => {},
    (_, agentId) => ({ post: boxes.get(agentId) ?? [] }),
  );
  return {
    perSecond: ratePerSecond(() => {
      const [before, dugBefore] = [messages, dug];
      opened = false;
      for (let turn = 0; turn < 8 && dug === dugBefore; turn++) {
        environment.run(1);
        environment.history.length = 0;
      }
      if (dug !== dugBefore + 1) throw new Error('nothing was dug');
      return messages - before;
    }),
  };
}

import { init } from 'echarts/dist/echarts.esm.min.mjs';
import type { Results } from './collect.ts';
import { RECORDED } from './recorded.ts';

const WIDTH = 760;
const HEIGHT = 420;

/** The charts of a run, as SVG files by name. */
export function charts(results: Results): ReadonlyMap<string, string> {
  return new Map([
    ['goals-per-second.svg', bars('Goals a second (logarithmic)', throughput(results))],
    [
      'contract-net.svg',
      bars('Contract net with 100 bidders: messages a second (logarithmic)', bargaining(results)),
    ],
    ['figure-8.svg', figure8(results)],
    ['figure-9.svg', figure9(results)],
  ]);
}

type Bar = readonly [name: string, value: number | undefined];

function throughput(results: Results): readonly Bar[] {
  const of = (name: string) => results.median(name, 'perSecond');
  return [
    ['Muster, 1 agent', of('muster goals, 1 agent')],
    ['Jason, 1 agent', of('jason goals, 1 agent') ?? RECORDED.Jason.oneAgent[1]],
    ['BDI4JADE, 1 agent (recorded)', RECORDED['BDI4JADE on JADE'].oneAgent[1]],
    ['JS-son next(), 1 agent', of('js-son next(), 1 agent')],
    ['xstate events, 1 actor', of('xstate events, 1 actor')],
    ['Muster, 1000 agents', of('muster goals, 1000 agents')],
    ['Jason, 1000 agents', of('jason goals, 1000 agents') ?? RECORDED.Jason.manyAgents[1]],
    ['BDI4JADE, 1000 agents (recorded)', RECORDED['BDI4JADE on JADE'].manyAgents[1]],
    ['JS-son Environment, 1000 agents', of('js-son next(), 1000 agents in its Environment')],
    ['xstate events, 1000 actors', of('xstate events, 1000 actors')],
  ];
}

function bargaining(results: Results): readonly Bar[] {
  const of = (name: string) => results.median(name, 'perSecond');
  return [
    ['Muster', of('muster contract net')],
    ['JADE (recorded)', RECORDED['BDI4JADE on JADE'].contractNet[1]],
    ['Jason (recorded)', RECORDED.Jason.contractNet[1]],
    ['JS-son, its Environment', of('js-son contract net in its Environment')],
    ['JS-son, called by hand', of('js-son contract net, agents called by hand')],
    ['bare loop', of('bare loop, messages of a contract net')],
  ];
}

function bars(title: string, rows: readonly Bar[]): string {
  const shown = rows.filter((row): row is readonly [string, number] => row[1] !== undefined).toReversed();
  return svg(title, {
    grid: { left: 220, right: 90, top: 50, bottom: 40 },
    xAxis: { type: 'log', min: 1000 },
    yAxis: { type: 'category', data: shown.map(([name]) => name) },
    series: [
      {
        type: 'bar',
        data: shown.map(([name, value]) => ({
          value: Math.round(value),
          itemStyle: { color: name.startsWith('Muster') ? '#2f6f4f' : '#9aa3ab' },
        })),
        label: { show: true, position: 'right' },
      },
    ],
  });
}

function figure8(results: Results): string {
  const points = (prefix: string) =>
    results
      .figuresOf('muster figure 8')
      .filter((name) => name.startsWith(prefix))
      .map((name) => [Number(name.slice(prefix.length)), results.median('muster figure 8', name)]);
  return svg('Fig. 8: heap of the agents, and messages of the whole case, against the number of agents', {
    legend: { top: 34 },
    grid: { left: 80, right: 80, top: 86, bottom: 50 },
    xAxis: { type: 'value', name: 'agents', nameLocation: 'middle', nameGap: 30 },
    yAxis: [
      { type: 'value', name: 'KiB' },
      { type: 'value', name: 'messages', splitLine: { show: false } },
    ],
    series: [
      { type: 'line', name: 'heap, KiB', data: points('heapKb') },
      {
        type: 'line',
        name: 'messages',
        yAxisIndex: 1,
        lineStyle: { type: 'dashed' },
        data: points('messages'),
      },
    ],
  });
}

function figure9(results: Results): string {
  const points = (prefix: string) =>
    results
      .figuresOf('muster figure 9')
      .filter((name) => name.startsWith(prefix))
      .map((name) => [Number(name.slice(prefix.length)), results.median('muster figure 9', name)]);
  const recorded = RECORDED['BDI4JADE on JADE'].figure9.map((value, at) => [[0, 50, 100, 200][at], value]);
  return svg('Fig. 9: ms until the throttling goal is done, behind unrelated goals (logarithmic)', {
    legend: { top: 34 },
    grid: { left: 80, right: 40, top: 86, bottom: 50 },
    xAxis: { type: 'value', name: 'unrelated goals of 0 to 100 ms', nameLocation: 'middle', nameGap: 30 },
    yAxis: { type: 'log', name: 'ms' },
    series: [
      { type: 'line', name: 'Muster, median', data: points('median') },
      { type: 'line', name: 'Muster, p99', lineStyle: { type: 'dashed' }, data: points('p99_') },
      { type: 'line', name: 'BDI4JADE (recorded)', lineStyle: { type: 'dotted' }, data: recorded },
    ],
  });
}

export function svg(title: string, option: { readonly [key: string]: unknown }, height = HEIGHT): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, textStyle: { fontSize: 14 } },
    ...option,
  });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

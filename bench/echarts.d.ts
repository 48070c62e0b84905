/** What the benchmarks use of ECharts 6, whose own types do not resolve as an ES module. */
declare module 'echarts/dist/echarts.esm.min.mjs' {
  export interface Chart {
    setOption(option: { readonly [key: string]: unknown }): void;
    renderToSVGString(): string;
    dispose(): void;
  }
  export function init(
    dom: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): Chart;
}

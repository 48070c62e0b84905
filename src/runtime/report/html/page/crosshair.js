// Reads the values of a chart at a moment: by pointer over the chart, by keyboard on the range below it.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent).charts;
  const KEYS = {
    total: 'total',
    legitimate: 'legitimate',
    'attack-offered': 'attackOffered',
    'attack-delivered': 'attackDelivered',
    goodput: 'goodput',
  };

  function rate(value) {
    if (value < 999.5) return `${Math.round(value)} B/s`;
    if (value < 999500) return `${Number((value / 1e3).toPrecision(3))} KB/s`;
    if (value < 999500000) return `${Number((value / 1e6).toPrecision(3))} MB/s`;
    return `${Number((value / 1e9).toPrecision(3))} GB/s`;
  }

  function nearest(times, tMs) {
    let best = 0;
    for (let at = 1; at < times.length; at++) {
      if (Math.abs(times[at] - tMs) < Math.abs(times[best] - tMs)) best = at;
    }
    return best;
  }

  for (const chart of document.querySelectorAll('[data-chart]')) {
    const values = data[chart.dataset.chart];
    const range = chart.querySelector('input[type=range]');
    const at = chart.querySelector('output.at');
    const crosses = chart.querySelectorAll('.cross');
    const outputs = chart.querySelectorAll('output[data-line]');
    if (values === undefined || values.tMs.length === 0) {
      range.parentElement.hidden = true;
      continue;
    }

    function show(place) {
      chart.classList.add('reading');
      const tMs = values.tMs[place];
      const left = `${(100 * (tMs - values.fromMs)) / (values.toMs - values.fromMs)}%`;
      for (const cross of crosses) {
        cross.hidden = false;
        cross.style.left = left;
      }
      const told = [];
      for (const output of outputs) {
        output.textContent = rate(values[KEYS[output.dataset.line]][place]);
        told.push(`${output.parentElement.firstChild.nextSibling.textContent.trim()} ${output.textContent}`);
      }
      at.textContent = `${(tMs / 1000).toFixed(2)} s`;
      range.value = String(place);
      range.setAttribute('aria-valuetext', `${at.textContent}: ${told.join(', ')}`);
    }

    range.addEventListener('input', () => show(Number(range.value)));
    chart.querySelector('.panels').addEventListener('pointermove', (event) => {
      const box = chart.querySelector('.plot').getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      show(nearest(values.tMs, values.fromMs + share * (values.toMs - values.fromMs)));
    });
  }
})();

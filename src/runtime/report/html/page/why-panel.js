// Shows why something was done: walks from an entry back to the measurements, each entry told once.
(() => {
  const { why } = JSON.parse(document.getElementById('data').textContent);
  const dialog = document.getElementById('why');
  const body = document.getElementById('why-body');
  const heading = document.getElementById('why-title');

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function moment(tMs) {
    return `${(tMs / 1000).toFixed(3)} s`;
  }

  function node(id, told) {
    const entry = why.entries[id];
    const item = element('li', `entry ${entry.k}`);
    const meta = element('p', 'meta');
    meta.append(
      element('span', 'kind', entry.k),
      ` ${entry.a} · ${moment(entry.t)} · `,
      element('code', '', id),
    );
    item.append(meta);
    if (told.ids.has(id)) {
      item.classList.add('again');
      item.append(element('p', '', 'Told above.'));
      return item;
    }
    told.ids.add(id);
    item.append(element('p', '', entry.s));
    const bids = entry.b === undefined || told.auctions.has(entry.b) ? [] : (why.bids[entry.b] ?? []);
    if (entry.b !== undefined) told.auctions.add(entry.b);
    if (bids.length > 0) {
      const list = element('ul', 'chain-bids');
      for (const bid of bids) list.append(element('li', '', bid));
      item.append(list);
    }
    return item;
  }

  // A chain with one cause each goes straight down; only where reasons part are they set in.
  function chain(id, told) {
    const list = element('ul', 'chain');
    for (let next = id; next !== undefined; ) {
      const again = told.ids.has(next);
      const item = node(next, told);
      list.append(item);
      const causes = again ? [] : why.entries[next].c.filter((cause) => why.entries[cause] !== undefined);
      if (causes.length > 1) {
        for (const [place, cause] of causes.entries()) {
          const branch = element('div', 'branch');
          branch.append(element('p', 'because', place === 0 ? 'because' : 'and because'), chain(cause, told));
          item.append(branch);
        }
        return list;
      }
      if (causes.length === 1) item.append(element('p', 'because', 'because'));
      next = causes[0];
    }
    return list;
  }

  function command(id) {
    const line = element('p', 'note');
    line.append('In the terminal: ', element('code', '', `bin/muster why ${id}`));
    return line;
  }

  function tell(id) {
    const told = { ids: new Set(), auctions: new Set() };
    if (why.entries[id] === undefined)
      return element('p', 'note', 'The reasons of this one did not fit into the page.');
    return chain(id, told);
  }

  function show(ids) {
    body.replaceChildren();
    if (ids.length === 1) {
      heading.textContent = 'Why was this done?';
      body.append(tell(ids[0]), command(ids[0]));
    } else {
      heading.textContent = `${ids.length} actions: why?`;
      for (const id of ids) {
        const part = element('details', 'one');
        part.append(element('summary', '', why.entries[id] ? why.entries[id].s : id));
        part.addEventListener(
          'toggle',
          () => part.childElementCount === 1 && part.append(tell(id), command(id)),
        );
        body.append(part);
      }
    }
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  function open(ids) {
    history.replaceState(null, '', `#why=${ids.map(encodeURIComponent).join('+')}`);
    show(ids);
  }

  function fromAddress() {
    if (!location.hash.startsWith('#why=')) return;
    try {
      show(location.hash.slice(5).split('+').map(decodeURIComponent));
    } catch {
      // An address that cannot be decoded names nothing.
    }
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-why]');
    if (button !== null) open(JSON.parse(button.dataset.why));
    else if (event.target === dialog || event.target.closest('[data-close]') !== null) dialog.close();
  });
  dialog.addEventListener('close', () => history.replaceState(null, '', location.pathname + location.search));
  window.addEventListener('hashchange', fromAddress);
  fromAddress();
})();

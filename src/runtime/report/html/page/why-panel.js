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

  // The tree of reasons, each entry once: where it is met again it is only named.
  function tree(id, told) {
    const again = told.has(id);
    told.add(id);
    const known = again ? [] : why.entries[id].c.filter((cause) => why.entries[cause] !== undefined);
    return { id, again, causes: known.map((cause) => tree(cause, told)) };
  }

  function item({ id, causes }, about, auctions) {
    const entry = why.entries[id];
    const made = element('li', 'entry');
    const meta = element('p', 'meta');
    meta.append(
      element('span', 'kind', entry.k),
      ` ${entry.a} · ${moment(entry.t)} · `,
      element('code', '', id),
    );
    made.append(meta, element('p', '', entry.s));
    if (entry.r !== undefined && entry.r[about] !== undefined)
      made.append(element('p', 'row', entry.r[about]));
    if (entry.b !== undefined && !auctions.has(entry.b)) {
      auctions.add(entry.b);
      const list = element('ul', 'chain-bids');
      for (const bid of why.bids[entry.b] ?? []) list.append(element('li', '', bid));
      if (list.childElementCount > 0) made.append(list);
    }
    const again = causes.filter((cause) => cause.again).map((cause) => cause.id);
    if (again.length > 0)
      made.append(element('p', 'meta', `also because of ${again.join(', ')}, told elsewhere here`));
    return made;
  }

  // A chain with one cause each goes straight down; only where reasons part are they set in.
  function chain(root, about, auctions) {
    const list = element('ul', 'chain');
    for (let node = root; node !== undefined; ) {
      const made = item(node, about, auctions);
      list.append(made);
      const fresh = node.causes.filter((cause) => !cause.again);
      if (fresh.length > 1) {
        for (const [place, cause] of fresh.entries()) {
          const branch = element('div', 'branch');
          branch.append(
            element('p', 'because', place === 0 ? 'because' : 'and because'),
            chain(cause, about, auctions),
          );
          made.append(branch);
        }
        return list;
      }
      if (fresh.length === 1) made.append(element('p', 'because', 'because'));
      node = fresh[0];
    }
    return list;
  }

  function command(id) {
    const line = element('p', 'note');
    line.append('In the terminal: ', element('code', '', `bin/muster why ${id}`));
    return line;
  }

  function tell(id) {
    if (why.entries[id] === undefined)
      return element('p', 'note', 'The reasons of this one did not fit into the page.');
    return chain(tree(id, new Set()), why.about[id], new Set());
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

// Filters the list of actions, and copies commands.
(() => {
  for (const section of document.querySelectorAll('[data-filter]')) {
    const boxes = [...section.querySelectorAll('input[type=checkbox]')];
    const search = section.querySelector('input[type=search]');
    const output = section.querySelector('output');
    const rows = [...section.querySelectorAll('tbody tr')].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
    }));
    const apply = () => {
      const kinds = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { row, text } of rows) {
        row.hidden = !kinds.has(row.dataset.kind) || !words.every((word) => text.includes(word));
        if (!row.hidden) shown++;
      }
      output.textContent = shown === rows.length ? `${shown} actions` : `${shown} of ${rows.length} actions`;
    };
    for (const control of [...boxes, search]) control.addEventListener('input', apply);
  }

  for (const button of document.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', async () => {
      const code = button.parentElement.querySelector('code');
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = 'Copied';
      } catch {
        // No clipboard for a page from a file in some browsers: select it, so that a key press copies it.
        getSelection().selectAllChildren(code);
        button.textContent = 'Selected';
      }
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 1500);
    });
  }
})();

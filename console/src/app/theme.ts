export type Theme = 'system' | 'light' | 'dark';

const KEY = 'muster-theme';
const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;

export function theme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function applyTheme(): void {
  const chosen = theme();
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
}

export function nextTheme(): Theme {
  const next = NEXT[theme()];
  localStorage.setItem(KEY, next);
  applyTheme();
  return next;
}

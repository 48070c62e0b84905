import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The console, built into build/console, from where the API serves it under /console/. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: '../build/console',
    emptyOutDir: true,
    // A policy without inline text has no place for pictures in it either.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

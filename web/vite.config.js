import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// The page as files of our own: works offline and under a strict content security policy.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/page/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the policy allows no data: scripts, and one icon is no burden
    modulePreload: { polyfill: false }, // it would be an inline script
  },
});

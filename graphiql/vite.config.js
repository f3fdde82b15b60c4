import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// GraphiQL as files of our own: works offline and under a strict content security policy.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/graphiql/',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: '../dist/graphiql',
    emptyOutDir: true,
    chunkSizeWarningLimit: 10_000, // kB; one editor, loaded from this machine
  },
});

import { defineConfig } from 'vitest/config';

// Tests import the built code (package.json, "imports"): what is tested is what ships.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Node itself loads the build, as in production; vite would load a second copy of graphql beside it.
    server: { deps: { external: [/\/dist\//] } },
  },
});

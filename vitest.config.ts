import { defineConfig } from 'vitest/config';

// Tests import the built code (package.json, "imports"): what is tested is what ships.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

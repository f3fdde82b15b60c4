import { expect, test } from 'vitest';
import { recommendServer } from '#src/recommend-server.js';
import { openLibrary } from './open-library.js';
import { addDrawnVideo, seeded } from './search/drawn-library.js';

test('a library that has outgrown the embedded database says so at the start', async () => {
  const library = await openLibrary();
  const said: string[] = [];
  const start = () => recommendServer(library.store, (line) => said.push(line), 5);
  await addDrawnVideo(library, seeded(1), 4);
  await start();
  expect(said).toEqual([]);
  await addDrawnVideo(library, seeded(2), 1);
  await start();
  expect(said).toEqual([expect.stringMatching(/5 clips.*DATABASE_URL/)]);
  await library.close();
});

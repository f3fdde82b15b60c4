// How fast the page is there, in this machine's Chromium: node bench/page.mjs [rounds]
// Each round opens the library and a video in a fresh browser profile, as for somebody who has never been there, and
// the library as on a phone: a processor four times as slow and a line of 1.6 Mbit/s with 150 ms (Lighthouse's "slow 4G").
import { sampleId, withSamples } from '../scripts/with-samples.mjs';

const ROUNDS = Number(process.argv[2] ?? 5);
/** Milliseconds the page is watched after it has loaded: what shifts later is counted, too. */
const WATCH = 1500;
const SLOW = { latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8, offline: false };

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(browser, url, slow) {
  const context = await browser.newContext({
    viewport: slow ? { width: 390, height: 844 } : { width: 1280, height: 900 },
  });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  if (slow) {
    await session.send('Network.emulateNetworkConditions', SLOW);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  }
  let script = 0;
  const kinds = new Map();
  session.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId) === 'Script') script += encodedDataLength;
  });
  await page.addInitScript(() => {
    const seen = { shift: 0, largest: 0, blocked: 0 };
    Object.assign(globalThis, { seen });
    const observe = (type, note) =>
      new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
    observe('layout-shift', ({ value, hadRecentInput }) => (seen.shift += hadRecentInput ? 0 : value));
    observe('largest-contentful-paint', ({ startTime }) => (seen.largest = startTime));
    observe('longtask', ({ duration }) => (seen.blocked += duration - 50));
  });
  await page.goto(url);
  await page.locator('.card img').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(WATCH);
  const figures = await page.evaluate(() => ({
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    ...globalThis.seen,
  }));
  await context.close();
  return { ...figures, script };
}

await withSamples(async ({ url, ask }, browser) => {
  const video = `${url}/videos/${await sampleId(ask, 'a black ring')}`;
  const cases = [
    ['library', url, false],
    ['results', `${url}/?q=something+red`, false],
    ['video', video, false],
    ['library, slow phone', url, true],
  ];
  console.log(
    '| | first paint | largest paint | blocked | layout shift | script |\n| --- | --- | --- | --- | --- | --- |',
  );
  for (const [name, address, slow] of cases) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(browser, address, slow));
    const of = (key) => median(rounds.map((round) => round[key]));
    console.log(
      `| ${name} | ${of('first').toFixed(0)} ms | ${of('largest').toFixed(0)} ms | ${of('blocked').toFixed(0)} ms | ${of('shift').toFixed(3)} | ${(of('script') / 1000).toFixed(1)} kB |`,
    );
  }
});

import { createHmac } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUrlSigner } from '#src/api/signed-urls.js';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const READ = 'read-token-of-this-test';
const NOW = Date.UTC(2025, 0, 1, 12, 0, 1);

/** The signature by the book: HMAC-SHA256 of path and expiry, with a key that is made from the read token. */
function signature(path: string, expires: string, token = READ): string {
  const key = createHmac('sha256', token).update('clipql media urls').digest();
  return createHmac('sha256', key).update(`${path}\n${expires}`).digest('base64url');
}

describe('a signed path', () => {
  const { sign, check } = createUrlSigner(READ);
  const queryOf = (url: string) => Object.fromEntries(new URLSearchParams(url.split('?')[1]));

  test('is good for six hours, rounded up to the next five minutes', () => {
    const expires = String(Date.UTC(2025, 0, 1, 18, 5) / 1000);
    expect(sign('/a', NOW)).toBe(`/a?expires=${expires}&signature=${signature('/a', expires)}`);
    const query = queryOf(sign('/a', NOW));
    expect(check('/a', query, NOW)).toBe('good');
    expect(check('/a', query, Date.UTC(2025, 0, 1, 18, 4, 59))).toBe('good');
    expect(check('/a', query, Date.UTC(2025, 0, 1, 18, 5, 0))).toBe('expired');
  });

  test('stays the same for a while, so that browsers keep pictures', () => {
    expect(sign('/a', NOW)).toBe(sign('/a', NOW + 298_000));
    expect(sign('/a', NOW)).not.toBe(sign('/a', NOW + 300_000));
  });

  test('is taken by every process with the same token, and by no other', () => {
    const query = queryOf(sign('/a', NOW));
    expect(createUrlSigner(READ).check('/a', query, NOW)).toBe('good');
    expect(createUrlSigner(`${READ}x`).check('/a', query, NOW)).toBe('bad');
  });
});

describe('over HTTP', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-signed-')));
  const URLS = 'query ($id: ID!) { video(id: $id) { mediaUrl posterUrl sheetUrl } }';
  let app: TestApp;
  let id: string;
  let urls: Record<'mediaUrl' | 'posterUrl' | 'sheetUrl', string>;

  beforeAll(async () => {
    app = await startApp({ READ_TOKEN: READ, MEDIA_DIRS: folder });
    id = (await app.ingest({ path: makeClip(join(folder, 'clip.mp4')) })).video.id;
    urls = (await app.ask(URLS, { id }, { authorization: `Bearer ${READ}` })).data.video;
  });
  afterAll(async () => {
    await app?.remove();
    rmSync(folder, { recursive: true });
  });

  const refusal = async (url: string) => {
    const response = await fetch(app.url + url);
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(errors[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
    return errors[0]?.message;
  };

  test('the URLs of an answer need no header', async () => {
    for (const [name, path] of [
      ['mediaUrl', `/videos/${id}/media`],
      ['posterUrl', `/videos/${id}/poster.webp`],
      ['sheetUrl', `/videos/${id}/sheet.webp`],
    ] as const) {
      const [, expires = '', given] =
        new RegExp(`^${path}\\?expires=(\\d+)&signature=([\\w-]{43})$`).exec(urls[name]) ?? [];
      expect(given).toBe(signature(path, expires));
      const left = Number(expires) - Date.now() / 1000;
      expect(left).toBeGreaterThan(6 * 3600 - 60);
      expect(left).toBeLessThanOrEqual(6 * 3600 + 300);
      expect((await fetch(app.url + urls[name])).status).toBe(200);
      expect((await fetch(app.url + urls[name], { method: 'HEAD' })).status).toBe(200);
    }
    const range = await fetch(app.url + urls.mediaUrl, { headers: { range: 'bytes=0-9' } });
    expect([range.status, (await range.arrayBuffer()).byteLength]).toEqual([206, 10]);
  });

  test('`clip=K` is added to a sheet’s', async () => {
    expect((await fetch(`${app.url}${urls.sheetUrl}&clip=0`)).status).toBe(200);
    expect((await fetch(`${app.url}${urls.sheetUrl}&clip=99`)).status).toBe(404);
  });

  test('an expired one says so', async () => {
    const path = `/videos/${id}/poster.webp`;
    const past = String(Math.floor(Date.now() / 1000) - 1);
    expect(await refusal(`${path}?expires=${past}&signature=${signature(path, past)}`)).toMatch(
      /expired.*new one/,
    );
  });

  test('what was not signed is refused, however odd', async () => {
    const query = urls.posterUrl.split('?')[1] as string;
    const { expires = '', signature: good = '' } = Object.fromEntries(new URLSearchParams(query));
    const path = `/videos/${id}/poster.webp`;
    const other = `/videos/00000000-0000-4000-8000-000000000000/poster.webp`;
    const changed = `${good[0] === 'A' ? 'B' : 'A'}${good.slice(1)}`;
    for (const url of [
      path,
      `${other}?${query}`,
      `/videos/${id}/media?${query}`,
      `/videos/${id}/sheet.webp?${query}&clip=0`,
      `${path}?expires=${Number(expires) + 300}&signature=${good}`,
      `${path}?expires=${expires}&signature=${changed}`,
      `${path}?expires=${expires}&signature=${good}%3D`,
      `${path}?expires=${expires}&signature=${good.slice(0, -1)}`,
      `${path}?expires=${expires}&signature=`,
      `${path}?expires=${expires}`,
      `${path}?signature=${good}`,
      `${path}?${query}&${query}`,
      `${path}?expires[]=${expires}&signature[]=${good}`,
      ...['NaN', '-1', 'Infinity', '1e99', '9'.repeat(400), '%00', `${expires}.0`, `+${expires}`, ''].map(
        (odd) => `${path}?expires=${odd}&signature=${good}`,
      ),
      `${path}?expires=${expires}&signature=${signature(path, expires, 'another-token-of-this')}`,
      `${path}?expires=${expires}&signature=${'é'.repeat(43)}`,
    ]) {
      expect([url, await refusal(url)]).toEqual([url, expect.stringContaining('signed URL')]);
    }
  });

  test('it gives nothing but its file', async () => {
    const query = urls.mediaUrl.split('?')[1];
    const response = await fetch(`${app.url}/graphql?query={model{name}}&${query}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(response.status).toBe(401);
  });
});

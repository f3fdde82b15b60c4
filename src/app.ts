import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { adminToken } from './api/admin-token.ts';
import { createAccess } from './api/auth.ts';
import { listen, stopListening } from './api/listen.ts';
import { createIngestionFeed } from './api/live/ingestion-feed.ts';
import { createApiServer, createWorkerServer } from './api/server.ts';
import { createVideoUrls } from './api/video-urls.ts';
import type { Settings } from './config.ts';
import { openDatabase } from './db/open-database.ts';
import { createIngest } from './ingest/ingest.ts';
import { createLog } from './log.ts';
import { checkYtdlp } from './media/download/check-ytdlp.ts';
import { useFfmpeg } from './media/ffmpeg.ts';
import { createMetrics } from './metrics.ts';
import type { ModelStatus } from './models/list-models.ts';
import { createModels } from './models/models.ts';
import { recommendServer } from './recommend-server.ts';
import { reportSamples } from './report-samples.ts';
import { refreshBackgrounds } from './search/refresh-backgrounds.ts';
import { createStore, type Store } from './store/store.ts';

const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));
/** Milliseconds between two looks for what nobody needs any more. */
const SWEEP_EVERY = 60 * 60 * 1000;
/** Milliseconds between two looks whether a vector index is wanted. */
const INDEX_EVERY = 10 * 60 * 1000;

export interface App {
  /** Where it listens. */
  url: string;
  /** Where people reach it: at `url`, or by a proxy before it. */
  address: string;
  role: Settings['role'];
  /** The active model, or the one that is to come first. */
  model: ModelStatus;
  /** Where an admin finds the token. */
  tokenPlace: string;
  /** Reading needs no token. */
  open: boolean;
  /** Ends all parts in order; what is being ingested goes on at the next start. */
  close(): Promise<void>;
}

/**
 * Puts the parts together and listens. `say` gets lines for the person at the terminal. Throws an error whose message
 * says what to do when a part cannot start; the parts before it are closed then.
 */
export async function createApp(settings: Settings, say: (line: string) => void): Promise<App> {
  const log = createLog(settings.logLevel);
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closePart of closers.splice(0).reverse()) {
      await closePart().catch((error) => log.error({ err: error }, 'a part did not close'));
    }
  };

  try {
    await useFfmpeg({ ffmpeg: settings.ffmpeg, ffprobe: settings.ffprobe });
    if (settings.downloads.ytdlp) await checkYtdlp(settings.downloads.ytdlp.path);
    await mkdir(settings.dataDir, { recursive: true }).catch((cause) => {
      throw new Error(`DATA_DIR (${settings.dataDir}) cannot be made: ${cause.code}.`, { cause });
    });
    say(`Opening the database (${settings.databaseUrl ? 'server' : 'embedded'}) …`);
    const db = await openDatabase({ url: settings.databaseUrl, dataDir: settings.dataDir });
    closers.push(() => db.close());
    const store = createStore(db, settings.dataDir);

    const stopping = new AbortController();
    const inBackground = (task: Promise<void>, trouble: string) => {
      const ended = task.catch((error) => {
        if (!stopping.signal.aborted) log.error({ err: error }, trouble);
      });
      closers.push(() => {
        stopping.abort();
        return ended;
      });
    };

    const { precision, provider, patchFeatures: features } = settings;
    say('Loading the model …');
    const models = createModels({
      ...{ store, hub: settings.hub, sampling: settings.sampling, log, say },
      options: { precision, provider, features },
      cache: join(settings.dataDir, 'models'),
      onActive: (model) =>
        inBackground(
          refreshBackgrounds({ store, model, log }, stopping.signal),
          'backgrounds are not up to date',
        ),
    });
    closers.push(() => models.close());
    await models.start(settings.model);

    if (db.kind === 'embedded') {
      await store.queue.requeueRunning();
      await recommendServer(store, say);
    }
    await store.sweep();
    const sweeping = setInterval(() => {
      store.sweep().catch((error) => log.error({ err: error }, 'sweeping failed'));
    }, SWEEP_EVERY).unref();
    if (settings.role !== 'api') {
      inBackground(keepIndexed(store, stopping.signal, log), 'vector indexes are not kept');
    }
    const metrics = createMetrics();
    metrics.watchQueue(store.ingestions);
    const { mediaDirs, downloads, role } = settings;
    const ingest = createIngest({ store, models, metrics, log, mediaDirs, downloads });
    await store.ingestions.listen(ingest.notice);
    const [first] = await models.list();
    const samples =
      role !== 'worker' && settings.samples && first?.bundled ? await ingest.enqueueSamples(SAMPLES) : 0;

    const token = await adminToken(settings);
    const access = createAccess(token.token, settings.readToken);
    const urls = createVideoUrls(store, settings.publicUrl, access.signer);
    const feed = await createIngestionFeed(store.ingestions);
    const parts = {
      ...{ services: { store, models, ingest, metrics, feed, urls, log }, db },
      ...{ access, settings, stopping: stopping.signal },
    };
    const server =
      role === 'worker'
        ? createWorkerServer(parts)
        : await createApiServer({ ...parts, maxUpload: downloads.maxBytes });
    closers.push(() => {
      clearInterval(sweeping);
      stopping.abort();
      return Promise.all([stopListening(server), ingest.stop()]);
    });
    const url = await listen(server, settings.port, settings.host);
    if (role !== 'api') ingest.start();

    if (samples > 0)
      inBackground(reportSamples(store, samples, say, stopping.signal), 'samples are not reported');

    const [model] = await models.list();
    if (!model) throw new Error('There is no model to begin with.');
    return {
      ...{ url, address: settings.publicUrl ?? url, role, model },
      ...{ tokenPlace: token.place, open: settings.readToken === undefined, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Keeps the vector indexes of a server, at once and now and then. */
async function keepIndexed(store: Store, signal: AbortSignal, log: Logger): Promise<void> {
  for (;;) {
    await store.keepIndexes(signal).catch((error) => {
      if (!signal.aborted) log.error({ err: error }, 'a vector index could not be built');
    });
    await wait(INDEX_EVERY, null, { signal, ref: false });
  }
}

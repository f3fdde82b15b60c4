import type { Logger } from 'pino';
import { ClipqlError } from '../errors.ts';
import type { WantedModel } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import type { Hub } from '../xclip/hub/hub.ts';
import { BUNDLED_NAME, chooseModel, findModel } from '../xclip/resolve-model.ts';
import type { EngineOptions, XClip } from '../xclip/xclip.ts';
import { arrive } from './arrive.ts';
import { createEngines } from './engines.ts';
import { createHeldBackNotice } from './held-back.ts';
import { listModels, type ModelStatus } from './list-models.ts';
import { type Arrival, describeArrival, loading, notReady, reasonOf, takesLong } from './not-ready.ts';

/** Which models the library has: the active one, the one it goes over to, their engines, and how far they are. */
export interface Models {
  /** The engine of the active model. Throws `MODEL_NOT_READY`. */
  active(): Promise<XClip>;
  /** The engine of a stored model. Throws `MODEL_NOT_READY`. */
  engine(fingerprint: string): Promise<XClip>;
  /** The active one first, then the one to come; at least one from the start on. */
  list(): Promise<ModelStatus[]>;
  /**
   * Makes a model the active one: at once when the library is empty, or with `now`; else once all is embedded with it.
   * A model that is not on this machine is fetched meanwhile, weights in another precision are made meanwhile. Throws `BAD_USER_INPUT` for a name that leads nowhere.
   */
  activate(name: string, options?: { now?: boolean }): Promise<ModelStatus>;
  /** Removes what the library has of a model. Throws `NOT_FOUND`, `IN_USE`. */
  remove(fingerprint: string): Promise<void>;
  /** Goes over to the incoming model if all is embedded with it. */
  switchIfComplete(): Promise<void>;
  /**
   * Begins with what `MODEL` and `SAMPLING` say. A model on this machine is loaded when this resolves; one to be fetched is not, nor one
   * whose weights have to be made in another precision.
   * Throws an Error that says what to do when the setting leads nowhere or its checkpoint cannot be used.
   */
  start(setting: string): Promise<void>;
  close(): Promise<void>;
}

export interface ModelParts {
  store: Store;
  hub: Hub;
  options: EngineOptions;
  /** A folder for weights that are made from a model's, when none can be written beside them. */
  cache: string;
  log: Logger;
  /** The rule by which frames are taken from clips; null: as the library's model does. */
  sampling: string | null;
  /** Gets lines for the person at the terminal. */
  say: (line: string) => void;
  /** A model has become the active one, and its engine is open. */
  onActive: (model: XClip) => void;
}

/** Of a new library. */
const DEFAULT_SAMPLING = 'UNIFORM';

/** What is done between two lines about what takes long, as a share of all. */
const SAY_EVERY = 0.1;

export function createModels({
  store,
  hub,
  options,
  sampling,
  cache,
  log,
  say,
  onActive,
}: ModelParts): Models {
  const engines = createEngines(hub, options, cache);
  let arrival: Arrival | null = null;
  let arriving = new AbortController();
  /** What is being brought in, until it is in the library. */
  let coming: WantedModel | null = null;
  let notice: string | null = null;
  let current: string | null = null;
  const sayHeldBack = createHeldBackNotice(store, say);

  /** What `SAMPLING` says, else what this model of the library has. */
  const samplingBeside = (model: { sampling: string } | null) =>
    sampling ?? model?.sampling ?? DEFAULT_SAMPLING;

  /** Brings a model in; one that is under way is given up for it. `onLong` is called when it will take long. */
  async function bring(model: WantedModel, onLong: () => void): Promise<void> {
    const { name, now } = model;
    coming = model;
    arriving.abort();
    const controller = new AbortController();
    arriving = controller;
    const { signal } = controller;
    arrival = loading(name);
    const report = (at: Omit<Arrival, 'name'>) => {
      if (signal.aborted) return;
      const said = arrival && arrival.state === at.state && takesLong(arrival) ? arrival.progress : -1;
      const news =
        at.error ?? (Math.floor(at.progress / SAY_EVERY) > Math.floor(said / SAY_EVERY) ? '' : null);
      if (takesLong(at) && news !== null && news !== arrival?.error) say(describeArrival({ ...at, name }));
      arrival = { ...at, name };
      if (takesLong(at)) onLong();
    };
    try {
      const checkpoint = await arrive(model, hub, report, signal);
      const engine = await engines.open(checkpoint, (made) => report(loading(name, made)));
      signal.throwIfAborted();
      const place = await store.models.enter(engine, { now });
      arrival = null;
      coming = null;
      if (place === 'active') await follow();
      else {
        say(
          `The library goes over to ${name}: what is stored is being embedded with it, search goes on as it was.`,
        );
        // The one that it replaces may be the one that cannot be used.
        await follow().catch((error) => say(reasonOf(error)));
      }
    } catch (error) {
      signal.throwIfAborted();
      log.error({ err: error, model: name }, 'the model cannot be used');
      arrival = { name, state: 'FAILED', progress: 0, total: null, error: reasonOf(error) };
      throw error;
    }
  }

  /**
   * Brings a model in. What takes long, a fetch or weights to be made, goes on in the background, and what it comes to is
   * said. Rejects when it fails before that.
   */
  function begin(model: WantedModel): Promise<void> {
    return new Promise((resolve, reject) => {
      let inBackground = false;
      const onLong = () => {
        inBackground = true;
        resolve();
      };
      bring(model, onLong).then(
        () => (inBackground ? say(`The model ${model.name} is ready.`) : resolve()),
        (error) => (inBackground ? sayUnusable(model, error) : reject(error)),
      );
    });
  }

  function sayUnusable({ name }: WantedModel, error: Error): void {
    if (error.name !== 'AbortError') say(`The model ${name} cannot be used: ${reasonOf(error)}`);
  }

  /** Opens the active model's engine when it is another than before, and lets the others go. */
  async function follow(): Promise<XClip> {
    const models = await store.models.list();
    const active = models.find((model) => model.active);
    if (!active) throw notReady(arrival ?? notYet);
    const model = await engines.of(active);
    engines.keepOnly(models.filter((one) => one.active || one.incoming).map((one) => one.fingerprint));
    if (current !== active.fingerprint) {
      current = active.fingerprint;
      onActive(model);
    }
    return model;
  }

  const list = async () =>
    listModels(await store.models.list(), {
      ...{ store, engines, arrival, notice, options },
      sampling: coming?.sampling ?? DEFAULT_SAMPLING,
    });

  return {
    async active() {
      const active = await store.models.active();
      return active && active.fingerprint === current ? engines.of(active) : follow();
    },

    async engine(fingerprint) {
      const model = await store.models.get(fingerprint);
      if (!model) throw new ClipqlError('MODEL_NOT_READY', 'The model was removed.');
      return engines.of(model);
    },

    list,

    async activate(name, { now = false } = {}) {
      const found = await findModel(name, hub).catch((cause) => {
        throw new ClipqlError('BAD_USER_INPUT', reasonOf(cause), { cause });
      });
      const [before, under] = [await store.models.wanted(), coming];
      const active = await store.models.active();
      const wanted = { name: found.name, sampling: samplingBeside(active), now };
      await store.models.want(wanted);
      await begin(wanted).catch(async (cause) => {
        if (cause.name === 'AbortError') throw givenUp(cause);
        arrival = null;
        coming = null;
        await store.models.want(before);
        if (under) begin(under).catch((error) => sayUnusable(under, error));
        throw new ClipqlError('BAD_USER_INPUT', `This model cannot be used: ${reasonOf(cause)}`, { cause });
      });
      const listed = (await list()).find(
        (model) => model.name === wanted.name && model.sampling === wanted.sampling,
      );
      if (!listed) throw new Error('The activated model is not listed.');
      return listed;
    },

    remove: (fingerprint) => store.models.remove(fingerprint),

    async switchIfComplete() {
      if (await store.models.switchIfComplete()) {
        const { name } = await follow();
        say(`All is embedded with ${name}: it is the active model now.`);
      } else await sayHeldBack();
    },

    async start(setting) {
      const active = await store.models.active();
      const chosen = await chooseModel(setting, active?.name ?? null, hub);
      notice = chosen.notice;
      const wanted = await store.models.wanted();
      if (setting === 'auto' && active && samplingBeside(wanted ?? active) === (wanted ?? active).sampling) {
        if (wanted) begin(wanted).catch((error) => sayUnusable(wanted, error));
        await follow().catch((error) => say(reasonOf(error)));
        return;
      }
      const name = setting === 'auto' ? (wanted?.name ?? chosen.name) : chosen.name;
      const found = await findModel(name, hub);
      const model = { name: found.name, sampling: samplingBeside(active), now: false };
      if (active && (active.name !== model.name || active.sampling !== model.sampling))
        await store.models.want(model);
      await begin(model);
    },

    async close() {
      arriving.abort();
      await engines.close();
    },
  };
}

function givenUp(cause: unknown): ClipqlError {
  return new ClipqlError('BAD_USER_INPUT', 'Another model was activated before this one was loaded.', {
    cause,
  });
}

/** Before anything is known of any model. */
const notYet = loading(BUNDLED_NAME);

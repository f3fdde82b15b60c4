import { type App, createApp } from './app.ts';
import { readSettings } from './config.ts';

/** Milliseconds an orderly stop may take; what it then leaves undone, the next start takes up. */
const STOP_WITHIN = 9000;

const say = (line: string) => console.log(line);

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

const about = ({ bundled, state }: App['model']): string => {
  if (state === 'FETCHING' || state === 'LOADING')
    return ' (on its way: search and classification wait for it)';
  if (state === 'FAILED') return ' (cannot be used)';
  return bundled ? ' (bundled)' : '';
};

const starting = Promise.resolve().then(() => createApp(readSettings(), say));

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  say('Stopping …');
  setTimeout(() => process.exit(0), STOP_WITHIN).unref();
  await starting.then((app) => app.close()).catch(fail);
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

const { url, address, role, model, tokenPlace, open } = await starting.catch(fail);
if (!stopping && role === 'worker') {
  say(`ClipQL's worker is ready at ${url} (health and metrics)`);
} else if (!stopping) {
  const query =
    '{ searchVideos(text: \\"a red circle moving left\\", first: 3) { edges { relevance node { title } } } }';
  const header = open ? '' : ' -H "Authorization: Bearer $READ_TOKEN"';
  say(`
ClipQL is ready at ${address}${address === url ? '' : `\nListening at ${url}`}
Model        ${model.name}${about(model)}${model.notice ? `\n\n  *** ${model.notice} ***\n` : ''}
Admin token  ${tokenPlace}
In a browser ${address}
Or try       curl -s ${address}/graphql -H 'content-type: application/json'${header} -d '{"query":"${query}"}'
`);
}

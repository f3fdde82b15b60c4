import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Hub } from './hub.ts';

const dispatchers = new WeakMap<Hub, Dispatcher>();

/** What carries requests to a hub: through the proxies of the settings, by CONNECT, or directly. */
export function dispatcherOf(hub: Hub): Dispatcher {
  const dispatcher = dispatchers.get(hub) ?? createDispatcher(hub);
  dispatchers.set(hub, dispatcher);
  return dispatcher;
}

function createDispatcher({ proxies }: Hub): Dispatcher {
  if (!proxies) return new Agent();
  // What is not given here it would take from the environment.
  const { http: httpProxy, https: httpsProxy, except: noProxy } = proxies;
  return new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy });
}

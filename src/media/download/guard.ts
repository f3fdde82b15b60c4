import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { ClipqlError } from '../../errors.ts';
import { type HostList, isService } from './host-list.ts';
import { isPublicAddress } from './public-address.ts';

/** Milliseconds to connect, TLS included. */
const CONNECT_TIMEOUT = 15_000;

/**
 * The lookup to connect to `host:port` with. The address that was checked is the one connected to, so a name cannot be
 * bound to another in between. Only services that `hosts` names with their port may be private.
 * @throws ClipqlError `SOURCE_NOT_ALLOWED` when `host` is an address (which is never looked up) that is not public; the
 * lookup fails with it for a name without a public address.
 */
export function guardedLookup(
  hosts: HostList,
  host: string,
  port: number,
  lookup: LookupFunction = systemLookup,
): LookupFunction {
  if (isService(hosts, host, port)) return lookup;
  if (isIP(host) && !isPublicAddress(host)) throw notPublic(host, port);
  return (name, options, callback) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const addresses = (found as { address: string; family: number }[]).filter(({ address }) =>
        isPublicAddress(address),
      );
      const [first] = addresses;
      if (!first) callback(notPublic(host, port), '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
}

/** An HTTP client that connects to nothing but public addresses and the services that `hosts` names. */
export function guardedAgent(hosts: HostList, lookup?: LookupFunction): Agent {
  return new Agent({
    connect(options, callback) {
      try {
        const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
        const guarded = guardedLookup(hosts, options.hostname, port, lookup);
        buildConnector({ timeout: CONNECT_TIMEOUT, lookup: guarded })(options, callback);
      } catch (error) {
        callback(error as Error, null);
      }
    },
  });
}

function notPublic(host: string, port: number): ClipqlError {
  return new ClipqlError(
    'SOURCE_NOT_ALLOWED',
    `${host} is not on the public internet. If it is a server of your own, name it with its port in URL_HOSTS (${host.includes(':') ? `[${host}]` : host}:${port}).`,
  );
}

/**
 * A list of hosts: `example.com` (and its subdomains) or an address, at any port but only while its address is public;
 * `media.lan:8080`, a service of one's own: exactly this host and port, which may be private; `*`: any public host.
 */
export type HostList = string[];

/** Whether a URL's host may be asked at all. Its address is checked when it is connected to. */
export function isListed(list: HostList, url: URL): boolean {
  const host = hostOf(url);
  return (
    isService(list, host, portOf(url)) ||
    list.some((entry) => entry === '*' || (!/:\d+$/.test(entry) && isWithin(host, canonicalHost(entry))))
  );
}

/** Whether the list names exactly this host and port, so that the address may be private. */
export function isService(list: HostList, host: string, port: number): boolean {
  return list.some((entry) => {
    const [, name, named] = /^(.+):(\d+)$/.exec(entry) ?? [];
    return name !== undefined && Number(named) === port && canonicalHost(name) === plainHost(host);
  });
}

/** The name or address a URL means, without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return plainHost(url.hostname);
}

/** The port a URL means. */
export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}

/** A host as compared: lower case, without the brackets of IPv6 and the dot of the root. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** As a URL spells it: punycode, decimal addresses. */
function canonicalHost(name: string): string {
  return plainHost(new URL(`http://${name}`).hostname);
}

function isWithin(host: string, name: string): boolean {
  return host === name || host.endsWith(`.${name}`);
}

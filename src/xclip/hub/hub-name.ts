/** `owner/name`, with `@revision` if not `main`: a branch, a tag, `refs/pr/N` or a commit. */
const HUB_NAME = /^(?<repository>\w[\w.-]*\/\w[\w.-]*)(@(?<revision>\w[\w./-]*))?$/;

/** What a model's name on the hub says. */
export interface HubName {
  /** `owner/name` */
  repository: string;
  revision: string;
}

export function isHubName(name: string): boolean {
  return HUB_NAME.test(name) && !name.includes('..');
}

/** Throws when the name is none (`isHubName`). */
export function parseHubName(name: string): HubName {
  const { repository, revision = 'main' } = (isHubName(name) && HUB_NAME.exec(name)?.groups) || {};
  if (!repository) throw new Error(`"${name}" is not a hub name, owner/name or owner/name@revision.`);
  return { repository, revision };
}

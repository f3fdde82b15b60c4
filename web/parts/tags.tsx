import { Link } from 'wouter-preact';

/** Tags, each leading to the videos that carry it. */
export function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <ul class="row" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          <Link class="tag" href={`/?tag=${encodeURIComponent(tag)}`}>
            {tag}
          </Link>
        </li>
      ))}
    </ul>
  );
}

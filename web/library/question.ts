import type { SearchQueryVariables, SearchSort, VideoFilter } from '../api/documents.ts';

/** What the library is asked: all of it is in the address, so that it can be shared and gone back to. */
export interface Question {
  /** What happens. */
  text: string;
  /** What must not. */
  not: string;
  /** What follows it. */
  next: string;
  /** In the title. */
  title: string;
  /** All of these. */
  tags: string[];
  /** Seconds; empty: any. */
  min: string;
  max: string;
  sort: SearchSort;
  /** Whether to show the nearest, however irrelevant. */
  nearest: boolean;
}

const SORTS: SearchSort[] = ['RELEVANCE', 'NEWEST', 'OLDEST', 'LONGEST', 'SHORTEST'];

/** The question that an address asks. */
export function readQuestion(search: string): Question {
  const parameters = new URLSearchParams(search);
  const text = (name: string) => parameters.get(name) ?? '';
  return {
    text: text('q'),
    not: text('not'),
    next: text('next'),
    title: text('title'),
    tags: parameters.getAll('tag').filter((tag) => tag !== ''),
    min: text('min'),
    max: text('max'),
    sort: SORTS.find((sort) => sort === text('sort').toUpperCase()) ?? 'RELEVANCE',
    nearest: parameters.has('nearest'),
  };
}

/** The address that asks a question. */
export function writeQuestion({ text, tags, sort, nearest, ...rest }: Question): string {
  const parameters = new URLSearchParams();
  if (text) parameters.set('q', text);
  for (const [name, value] of Object.entries(rest)) if (value) parameters.set(name, value);
  for (const tag of tags) parameters.append('tag', tag);
  if (sort !== 'RELEVANCE') parameters.set('sort', sort.toLowerCase());
  if (nearest) parameters.set('nearest', '');
  const written = parameters.toString().replace(/=(?=&|$)/g, '');
  return written ? `/?${written}` : '/';
}

/** Whether it asks for what happens, and not only for what a video is. */
export const asksContent = ({ text }: Question): boolean => text.trim() !== '';

const seconds = (value: string): number | null => {
  const number = Number(value);
  return value.trim() !== '' && Number.isFinite(number) && number >= 0 ? number : null;
};

/** The videos a question is about; null: all. */
export function filterOf({ title, tags, min, max }: Question): VideoFilter | null {
  const [least, most] = [seconds(min), seconds(max)];
  const filter: VideoFilter = {
    ...(title.trim() && { title: title.trim() }),
    ...(tags.length > 0 && { tags }),
    ...((least !== null || most !== null) && { duration: { min: least, max: most } }),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}

/** A question as the search takes it, but for the page. */
export function searchOf(question: Question): Omit<SearchQueryVariables, 'first' | 'after'> {
  const { text, not, next, sort, nearest } = question;
  const following = next.trim();
  return {
    text: following ? null : text.trim(),
    sequence: following ? [text.trim(), following] : null,
    not: not.trim() ? [not.trim()] : null,
    filter: filterOf(question),
    sort,
    minRelevance: nearest ? 0 : null,
  };
}

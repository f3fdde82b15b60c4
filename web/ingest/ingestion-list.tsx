import { useQuery } from '@urql/preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { generation } from '../api/connection.ts';
import {
  type IngestionRowFragment,
  type IngestionState,
  IngestionsDocument,
  type IngestionsQuery,
} from '../api/documents.ts';
import { useLiveIngestions } from '../api/use-live-ingestions.ts';
import { Following } from '../parts/following.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { useThrottled } from '../parts/use-throttled.ts';
import { IngestionRow } from './ingestion-row.tsx';

/** Ingestions a page. */
const FIRST = 30;
/** Milliseconds between two looks at the list while ingestions change state. */
const REFRESH_EVERY = 1000;

const ENDED: IngestionState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];
const STATES: {
  state: IngestionState;
  name: string;
  count: keyof IngestionsQuery['ingestions']['counts'];
}[] = [
  { state: 'RUNNING', name: 'Running', count: 'running' },
  { state: 'QUEUED', name: 'Waiting', count: 'queued' },
  { state: 'SUCCEEDED', name: 'Done', count: 'succeeded' },
  { state: 'FAILED', name: 'Failed', count: 'failed' },
  { state: 'CANCELLED', name: 'Cancelled', count: 'cancelled' },
];

/** Ingestions that changed since they were asked for, by their ids. */
type Changes = Map<string, IngestionRowFragment>;

interface Props {
  admin: boolean;
  /** Gets a sentence when one has ended. */
  onNews: (news: string) => void;
}

/** The ingestions, newest first, live. */
export function IngestionList({ admin, onNews }: Props) {
  const [state, setState] = useState<IngestionState | null>(null);
  const [changes, setChanges] = useState<Changes>(new Map());
  const [page, again] = usePage(state, null);
  const refresh = useThrottled(() => again({ requestPolicy: 'network-only' }), REFRESH_EVERY);
  const change = useCallback((one: IngestionRowFragment) => {
    setChanges((before) => new Map(before).set(one.id, one));
  }, []);

  const { value: now } = generation;
  // What changed unseen is in the list that is asked for anew.
  useEffect(() => setChanges(new Map()), [now]);

  useLiveIngestions((one) => {
    if (changes.get(one.id)?.state !== one.state) {
      refresh(); // it may be new, and the counts change
      if (ENDED.includes(one.state)) onNews(`${one.source.name}: ${one.state.toLowerCase()}`);
    }
    change(one);
  });

  const counts = page.data?.ingestions.counts;
  const all = counts ? STATES.reduce((sum, { count }) => sum + counts[count], 0) : 0;
  const choice = (value: IngestionState | null, name: string, count: number | undefined) => (
    <button key={name} type="button" aria-pressed={state === value} onClick={() => setState(value)}>
      {name} <span class="numbers muted">{count ?? ''}</span>
    </button>
  );
  return (
    <section class="stack" aria-labelledby="ingestions-title">
      <h2 id="ingestions-title">Ingestions</h2>
      <fieldset class="row choices">
        <legend class="hidden">Show those that are</legend>
        {choice(null, 'All', counts && all)}
        {STATES.map(({ state: value, name, count }) => choice(value, name, counts?.[count]))}
      </fieldset>
      {counts && all === 0 && <p class="muted">Nothing has been ingested yet.</p>}
      <ul class="jobs">
        <Rows page={page} state={state} changes={changes} change={change} admin={admin} isFirst />
      </ul>
    </section>
  );
}

const usePage = (state: IngestionState | null, after: string | null) =>
  useQuery({
    query: IngestionsDocument,
    variables: { first: FIRST, after, state },
  });

interface RowsProps {
  page: ReturnType<typeof usePage>[0];
  state: IngestionState | null;
  changes: Changes;
  change: (one: IngestionRowFragment) => void;
  admin: boolean;
  /** Whether it is the page that new ones come on. */
  isFirst: boolean;
}

/** A page of ingestions, and those that follow it. */
function Rows(props: RowsProps) {
  const { page, state, changes, change, admin, isFirst } = props;
  if (!page.data) return page.error ? <li>{<Trouble error={page.error} />}</li> : null;
  const { edges, pageInfo } = page.data.ingestions;
  const isShown = (one: IngestionRowFragment) => state === null || one.state === state;
  const known = edges.map(({ node }) => node);
  const rows = [
    ...(isFirst ? newerThan(known, changes) : []),
    ...known.map((one) => changes.get(one.id) ?? one),
  ];
  return (
    <>
      {rows.filter(isShown).map((one) => (
        <IngestionRow key={one.id} ingestion={one} admin={admin} onChange={change} />
      ))}
      <Following pageInfo={pageInfo}>{(after) => <LaterRows {...props} after={after} />}</Following>
    </>
  );
}

/** Those that came since a page was asked for, newest first. */
function newerThan(known: IngestionRowFragment[], changes: Changes): IngestionRowFragment[] {
  const since = known[0]?.createdAt ?? '';
  const ids = new Set(known.map(({ id }) => id));
  return [...changes.values()]
    .filter(({ id, createdAt }) => createdAt >= since && !ids.has(id))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

function LaterRows({ after, ...props }: RowsProps & { after: string | null }) {
  const [page] = usePage(props.state, after);
  return <Rows {...props} page={page} isFirst={false} />;
}

import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './style.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

const QUERY = `# ClipQL finds and classifies videos by what happens in them.
# Press the play button (or Ctrl-Enter) and choose an operation.

query Search {
  searchVideos(text: "a red circle moving left", first: 5) {
    edges {
      relevance
      score
      moments { start end score }
      node { id title posterUrl mediaUrl }
    }
    pageInfo { hasNextPage endCursor }
  }
}

query Library {
  model { name bundled notice coverage }
  videos(first: 10) {
    edges { node { id title duration searchable } }
  }
}

subscription Watch {
  ingestionUpdated { state stage progress source { name } error { message } }
}

# Mutations need the admin token: put {"Authorization": "Bearer <token>"} into Headers below.
`;

const send = createGraphiQLFetcher({
  url: '/graphql',
  subscriptionUrl: `${location.origin.replace(/^http/, 'ws')}/graphql`,
});

/** With the token that the page at / was given, unless the Headers tab holds one. */
const fetcher: typeof send = (parameters, options) => {
  const token = sessionStorage.getItem('clipql-token');
  const headers = options?.headers ?? {};
  const given = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  const authorization = `Bearer ${token}`;
  return send(parameters, token && !given ? { ...options, headers: { ...headers, authorization } } : options);
};

const root = document.getElementById('graphiql');
if (root)
  createRoot(root).render(
    <GraphiQL fetcher={fetcher} defaultQuery={QUERY} defaultEditorToolsVisibility="headers" />,
  );

import { signal } from '@preact/signals';
import { useQuery } from '@urql/preact';
import { type Access, AccessDocument } from './documents.ts';

/** Kept for the browser tab's session alone; the GraphQL IDE reads it, too. */
const KEY = 'clipql-token';

/** The token that requests carry; null: none. */
export const token = signal(sessionStorage.getItem(KEY));

/** What the page asks the person for a token to do; null: it does not ask. */
export const asking = signal<Access | null>(null);

/** Whether the person would rather not give one: then only what the person does asks again. */
let declined = false;

/** Asks for the token without which a request was refused. */
export function askFor(wanted: Access): void {
  if (wanted === 'ADMIN' || !declined) asking.value = wanted;
}

/** Asks no more, for now. */
export function decline(): void {
  declined = true;
  asking.value = null;
}

/** Keeps a token that the server knows. */
export function signIn(value: string): void {
  declined = false;
  sessionStorage.setItem(KEY, value);
  token.value = value;
  asking.value = null;
}

/** Forgets the token. */
export function signOut(): void {
  sessionStorage.removeItem(KEY);
  token.value = null;
}

/** The header that carries a token. */
export const bearer = (value: string | null): Record<string, string> =>
  value ? { authorization: `Bearer ${value}` } : {};

/** Whether the page may change the library; null: not known yet. */
export function useAdmin(): boolean | null {
  const [{ data, error }] = useQuery({ query: AccessDocument });
  if (error) return false;
  return data ? data.access === 'ADMIN' : null;
}

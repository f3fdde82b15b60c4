/** What an async generator yields, in one array (`Array.fromAsync` came with Node 22). */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Takes output piece by piece and hands it on in lines. One that the end cuts off is left out. */
export function byLine(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) onLine(line);
  };
}

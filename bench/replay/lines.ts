/** What was said once, to be said again. */
export interface Line {
  readonly from: string;
  readonly text: string;
}

export interface Room {
  readonly name: string;
  readonly lines: readonly Line[];
}

/** Reads lines of `{"room","from","text"}`, in the order in which they were said in each room. */
export function roomsOf(jsonl: string): Room[] {
  const rooms = new Map<string, Line[]>();
  jsonl.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const { room, from, text } = JSON.parse(line) as Record<string, unknown>;
    if (typeof room !== 'string' || typeof from !== 'string' || typeof text !== 'string')
      throw new Error(`line ${i + 1}: room, from and text must be texts`);
    const lines = rooms.get(room) ?? [];
    lines.push({ from, text });
    rooms.set(room, lines);
  });
  return [...rooms].map(([name, lines]) => ({ name, lines }));
}

/** A handle for everybody: nicknames may hold anything, handles 3 to 32 of `[a-z0-9_.]`, each once. */
export function handlesFor(names: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  const handles = new Map<string, string>();
  for (const name of names) {
    const base = name
      .toLowerCase()
      .replace(/[^a-z0-9_.]/g, '_')
      .padEnd(3, '_')
      .slice(0, 24);
    let handle = base;
    for (let i = 2; taken.has(handle); i++) handle = `${base}.${i}`;
    taken.add(handle);
    handles.set(name, handle);
  }
  return handles;
}

// What could not be saved yet, in this browser only and only until it is saved, for whoever wrote it and nobody who signs in
// after them. Each text is kept with marks of what the server may hold by our doing: the draft as it was loaded, and what was
// sent since, answered or not. A draft that is none of these came from elsewhere and is newer: then what was kept here is set
// apart as the older one.
const MOST_MARKS = 50;

const mark = (said) => [...said].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) | 0, said.length);

export function outbox(key, text) {
  const name = `weerklank:draft:${document.body.dataset.agent}:${key}:${text.id}`;
  const apart = `${name}:older`;
  const read = () => JSON.parse(localStorage.getItem(name) ?? "null");
  const drop = () => localStorage.removeItem(name);
  let ours = [mark(text.value)];
  const write = (said) => localStorage.setItem(name, JSON.stringify({ text: said, ours }));
  const now = (marks) => {
    const kept = read();
    const [loaded, ...since] = new Set([...marks, ...(kept?.ours ?? [])]);
    ours = [loaded, ...since.slice(1 - MOST_MARKS)];
    if (kept) write(kept.text);
  };
  return {
    keep: () => write(text.value),
    sends: (said) => now([...ours, mark(said)]),
    clear: (saved) => {
      if (read()?.text === saved) drop();
      now([mark(saved)]);
    },
    drop,
    waiting: () => read() !== null,
    restore: () => {
      const kept = read();
      if (kept === null) return false;
      const known = text.value === "" || kept.ours.includes(mark(text.value));
      if (kept.text === text.value || !known) drop();
      if (kept.text === text.value) return false;
      if (!known) {
        const older = [localStorage.getItem(apart), kept.text].filter(Boolean);
        localStorage.setItem(apart, older.join("\n\n"));
        return false;
      }
      now(ours);
      text.value = kept.text;
      return true;
    },
    older: () => localStorage.getItem(apart),
    dropOlder: () => localStorage.removeItem(apart),
  };
}

// What could not be saved yet, in this browser only and only until it is saved, for whoever wrote it and nobody who signs in
// after them. Each text is kept with the draft that it was written over: where the server has another one by now, that came
// from elsewhere and is newer, and what was kept here is set apart as the older one.
export function outbox(key, text) {
  const name = `weerklank:${document.body.dataset.agent}:${key}:${text.id}`;
  const apart = `${name}:older`;
  const read = () => JSON.parse(localStorage.getItem(name) ?? "null");
  let base = text.value;
  return {
    keep: () => localStorage.setItem(name, JSON.stringify({ text: text.value, base })),
    clear: (saved) => {
      base = saved;
      if (read()?.text === saved) localStorage.removeItem(name);
    },
    drop: () => localStorage.removeItem(name),
    waiting: () => read() !== null,
    restore: () => {
      const kept = read();
      if (kept === null || kept.text === text.value) return false;
      if (text.value && kept.base !== text.value) {
        localStorage.setItem(apart, kept.text);
        localStorage.removeItem(name);
        return false;
      }
      text.value = kept.text;
      return true;
    },
    older: () => localStorage.getItem(apart),
    dropOlder: () => localStorage.removeItem(apart),
  };
}

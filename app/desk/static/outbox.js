// What could not be saved yet, in this browser only and only until it is saved, for whoever wrote it and nobody who signs in
// after them.
export function outbox(key, text) {
  const name = `weerklank:${document.body.dataset.agent}:${key}:${text.id}`;
  return {
    keep: () => localStorage.setItem(name, text.value),
    clear: (saved) => localStorage.getItem(name) === saved && localStorage.removeItem(name),
    drop: () => localStorage.removeItem(name),
    waiting: () => localStorage.getItem(name) !== null,
    restore: () => {
      const kept = localStorage.getItem(name);
      if (kept === null || kept === text.value) return false;
      text.value = kept;
      return true;
    },
  };
}

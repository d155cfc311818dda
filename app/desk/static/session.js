// Two minutes before the session ends somebody may say that they are still here.
import { toast } from "./page.js";

const WARN_MS = 120_000;

export function watchSession() {
  const ends = Number(document.body.dataset.sessionEnds); // milliseconds of silence after which the server signs out
  const dialog = document.getElementById("session-warning");
  if (!ends || !dialog) return;
  let timer;
  const start = (left) => {
    clearTimeout(timer);
    timer = setTimeout(() => dialog.open || dialog.showModal(), Math.max(left - WARN_MS, left / 2));
  };
  document.getElementById("stay").addEventListener("click", async () => {
    dialog.close();
    try {
      const answer = await fetch("/desk/stay", { method: "POST" });
      if (!answer.ok || answer.redirected) return location.reload();
      start(ends);
    } catch {
      toast(document.getElementById("offline").textContent.trim());
      start(WARN_MS);
    }
  });
  document.addEventListener("desk:saved", () => start(ends));
  start(ends);
}

// Two minutes before the session ends: by silence, then somebody may say that they are still here; by age, then nothing helps
// but signing in again.
import { toast } from "./page.js";

const WARN_MS = 120_000;
const early = (left) => Math.max(left - WARN_MS, left / 2);

export function watchSession() {
  const idle = Number(document.body.dataset.sessionIdle); // milliseconds of silence after which the server signs out
  const end = Date.now() + Number(document.body.dataset.sessionEnds); // and when it does so in any case
  const dialog = document.getElementById("session-warning");
  if (!idle || !dialog) return;
  const stay = document.getElementById("stay");
  const noted = document.getElementById("noted");
  let timer;
  const warn = (final) => {
    for (const part of [dialog.querySelector("[data-silent]"), stay]) part.hidden = final;
    for (const part of [dialog.querySelector("[data-final]"), noted]) part.hidden = !final;
    if (!dialog.open) dialog.showModal();
  };
  const start = (left) => {
    clearTimeout(timer);
    const final = end - Date.now() <= left;
    timer = setTimeout(() => warn(final), early(final ? Math.max(0, end - Date.now()) : left));
  };
  stay.addEventListener("click", async () => {
    dialog.close();
    try {
      const answer = await fetch("/desk/stay", { method: "POST" });
      if (!answer.ok || answer.redirected) return location.reload();
      start(idle);
    } catch {
      toast(document.getElementById("offline").textContent.trim());
      start(WARN_MS);
    }
  });
  noted.addEventListener("click", () => dialog.close());
  document.addEventListener("desk:saved", () => dialog.open || start(idle));
  start(idle);
}

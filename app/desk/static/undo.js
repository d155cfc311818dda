// The undo window of an answer that was just sent, as a toast that counts down. The same button stands under the answer.
import { refresh } from "./live.js";
import { toast } from "./page.js";

function offer(form) {
  const words = document.getElementById("words").dataset;
  const until = performance.now() + Number(form.dataset.undo);
  const button = document.createElement("button");
  button.className = "small";
  button.textContent = words.undo;
  button.addEventListener("click", () => form.requestSubmit());
  const shown = toast("", button);
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left > 0 && form.isConnected) {
      shown.line.textContent = `${words.sending} ${left} ${words.seconds}`;
      setTimeout(tick, 250);
    } else {
      shown.close();
      if (form.isConnected) form.hidden = true;
      refresh();
    }
  };
  shown.line.setAttribute("aria-live", "off"); // a count that speaks every second helps nobody
  tick();
}

export function watchUndo() {
  document.querySelectorAll("form[data-undo]").forEach(offer);
}

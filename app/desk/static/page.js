// Small things of every page: toasts, what a screen reader is told, buttons that must not be pressed twice.
export function toast(text, ...more) {
  const box = document.createElement("div");
  box.className = "toast";
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line, ...more);
  document.getElementById("toasts").append(box);
  return { box, line, close: () => box.remove() };
}

export function say(text) {
  if (document.body.dataset.spoken !== "on") return;
  const place = document.getElementById("spoken");
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

function once(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent !== undefined) event.preventDefault();
  else form.dataset.sent = "";
}

// Copying needs a page that was fetched safely; elsewhere the code can be selected by hand.
function watchCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
      const { close } = toast(button.dataset.done);
      setTimeout(close, 3000);
    });
  }
}

export function watchPage() {
  watchCopies();
  document.addEventListener("submit", once);
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  for (const button of document.querySelectorAll("[data-opens]")) {
    const dialog = document.getElementById(button.dataset.opens);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
  }
}

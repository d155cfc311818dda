// Ctrl+Enter saves a card from wherever one types, and a card is sent once, however often somebody presses.
for (const form of document.querySelectorAll("form[data-cards]")) {
  let sent = false;
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-next]"));
  });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}

// Single keys: an element names its own key in data-hotkey. They can be switched off (preferences) and never act while
// somebody types, in a dialog, or together with Ctrl, Alt or Meta.
const typing = (el) => el.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

function rows() {
  return [...document.querySelectorAll(".tickets .subject")];
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  next.focus();
  next.closest("li").scrollIntoView({ block: "nearest" });
}

function use(el) {
  if (el.matches("textarea, input, select")) {
    el.focus();
    el.scrollIntoView({ block: "nearest" });
  } else if (!el.closest("form[hidden]")) {
    el.click();
    if (el.matches("summary")) el.parentElement.querySelector("input:not([type=hidden])")?.focus();
  }
}

function onKey(event) {
  if (event.ctrlKey && event.key === "Enter") {
    const form = event.target.closest?.("form[data-draft]");
    if (form) form.requestSubmit(form.querySelector("[data-send]"));
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
  if (typing(event.target) || document.querySelector("dialog[open]") || event.target.closest?.("[popover]:not(#rail)")) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else {
    const target = [...document.querySelectorAll("[data-hotkey]")].find((el) => el.dataset.hotkey === event.key && !el.disabled);
    if (!target) return;
    use(target);
  }
  event.preventDefault();
}

export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.shortcuts === "on" || (event.ctrlKey && event.key === "Enter")) onKey(event);
  });
}

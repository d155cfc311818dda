// The answer box: the draft is saved on the server while one types, and kept in this browser while the server is away.
import { outbox } from "./outbox.js";
import { toast } from "./page.js";

const words = () => document.getElementById("words").dataset;

function later(run, ms) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), ms);
  };
}

async function post(url, form) {
  const answer = await fetch(url, { method: "POST", body: form, headers: { accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

function go(url) {
  if (url.split("#")[0] === location.href.split("#")[0]) location.reload();
  else location.href = url;
}

function watchDraft(form) {
  const text = form.querySelector("textarea");
  const state = form.querySelector("[data-saved]");
  const box = outbox(form.dataset.draft, text);
  let sent = false;
  let underway = Promise.resolve();
  const save = () => (underway = underway.then(write));
  const write = async () => {
    if (sent) return;
    state.textContent = words().saving;
    const body = new FormData();
    for (const name of ["purpose", "seen_message_id", "visibility"]) if (form.elements[name]) body.set(name, form.elements[name].value);
    body.set("text", text.value);
    const saved = text.value;
    try {
      box.sends(saved);
      await post(form.dataset.draft, body);
      box.clear(saved);
      state.textContent = words().saved;
      document.dispatchEvent(new CustomEvent("desk:saved"));
    } catch {
      if (!sent) state.textContent = words().kept;
      retry();
    }
  };
  const soon = later(save, 700);
  const retry = later(save, 4000);
  text.addEventListener("input", () => {
    box.keep();
    soon();
  });
  form.elements.visibility?.addEventListener("change", save); // whom it is for belongs to the draft
  addEventListener("online", () => box.waiting() && save());
  if (box.restore()) {
    state.textContent = words().restored;
    soon();
  }
  offerOlder(form, text, box);
  form.addEventListener("submit", async (event) => {
    if (!event.submitter?.matches("[data-send]")) return;
    event.preventDefault();
    if (sent) return;
    sent = true;
    await underway; // a save that arrives after the answer would bring the draft back
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { accept: "text/html" } });
      if (!answer.redirected) return form.submit(); // refused: the server shows why, and has the draft
      box.drop();
      go(answer.url);
    } catch {
      sent = false;
      state.textContent = words().kept;
      retry();
    }
  });
}

function offerOlder(form, text, box) {
  const notice = form.querySelector("[data-older]");
  const older = box.older();
  if (!older) return;
  notice.querySelector(".text").textContent = older;
  notice.hidden = false;
  const over = () => {
    box.dropOlder();
    notice.hidden = true;
    text.focus();
  };
  notice.querySelector("[data-add]").addEventListener("click", () => {
    text.value = `${text.value.trimEnd()}\n\n${older}`;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    over();
  });
  notice.querySelector("[data-drop]").addEventListener("click", over);
}

function watchCounter(form) {
  const counter = form.querySelector("[data-measure]");
  const text = form.querySelector("textarea");
  if (!counter) return;
  const excess = form.querySelector(".excess");
  const unit = counter.dataset.unit && ` ${counter.dataset.unit}`;
  const seen = form.elements.visibility;
  const show = ({ length, most, over, kept, excess: mustGo, said }) => {
    counter.textContent = most === null ? "" : `${length} ${words().of} ${most}${unit}${over ? ` (${words().over})` : ""}`;
    excess.hidden = !over;
    excess.querySelector("[data-kept]").textContent = kept;
    excess.querySelector("[data-excess]").textContent = mustGo;
    form.querySelector("[data-said]").textContent = said;
    counter.classList.toggle("over", over);
    text.toggleAttribute("aria-invalid", over);
    if (over) text.setAttribute("aria-invalid", "true");
  };
  const measure = later(async () => {
    const body = new FormData();
    body.set("text", text.value);
    if (seen) body.set("visibility", seen.value);
    try {
      show(await post(counter.dataset.measure, body));
    } catch {
      counter.textContent = ""; // the server measures again when it is sent
    }
  }, 250);
  text.addEventListener("input", measure);
  if (seen) watchAudience(form, seen, measure);
  measure();
}

function watchAudience(form, seen, measure) {
  const show = () => {
    form.querySelector("[data-audience]").textContent = seen.selectedOptions[0].textContent;
    form.querySelector(".audience").classList.toggle("public", seen.value === "");
  };
  show();
  seen.addEventListener("change", () => {
    show();
    measure();
  });
}

function insert(text, block) {
  text.setRangeText(block, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function watchTemplates(form) {
  const button = form.querySelector("[data-insert]");
  button?.addEventListener("click", async (event) => {
    event.preventDefault();
    const chosen = form.elements.template.value;
    if (!chosen) return;
    const body = new FormData();
    body.set("template", chosen);
    try {
      insert(form.querySelector("textarea"), (await post(button.dataset.insert, body)).text);
    } catch {
      toast(words().kept);
    }
  });
}

// A new message while somebody writes: they say that they read it, or the server shows it when they send.
function watchNews(form) {
  const notice = form.querySelector("[data-news]");
  document.addEventListener("desk:renewed", () => {
    const last = document.getElementById("thread")?.dataset.last;
    if (notice && Number(last) > Number(form.elements.seen_message_id.value)) notice.hidden = false;
  });
  notice?.querySelector("button").addEventListener("click", () => {
    form.elements.seen_message_id.value = document.getElementById("thread").dataset.last;
    notice.hidden = true;
    form.querySelector("textarea").focus();
  });
}

export function watchComposer() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    watchDraft(form);
    watchCounter(form);
    watchTemplates(form);
    watchNews(form);
    form.querySelector("input[type=file]")?.addEventListener("change", () => form.requestSubmit(form.querySelector("[data-attach]")));
  }
  for (const opener of document.querySelectorAll("[data-mode]"))
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      const mode = document.getElementById(`mode-${opener.dataset.mode}`);
      mode.checked = true;
      document.querySelector(`.for-${opener.dataset.mode} textarea`).focus();
    });
}

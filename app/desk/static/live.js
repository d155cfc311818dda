// Live updates. The stream carries ids only; what changed is fetched as the page itself and laid over the old one.
// After a lost connection the browser says what it saw last (Last-Event-ID) and the server tells the rest.
import { morph } from "./morph.js";
import { say } from "./page.js";

const AGAIN_MS = 400; // at most so often, however many events come in
let running = false;
let wanted = false;
let held = null;

const busy = (list) => list.matches(":hover") || list.contains(document.activeElement);

function keepStill(change) {
  const anchor = document.activeElement?.matches("textarea, input, select") ? document.activeElement : null;
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (anchor?.isConnected) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
}

// A list under somebody's hand keeps its rows where they are: known rows are renewed, new ones wait behind a button.
function renewList(list, next) {
  const rows = new Map([...list.children].map((row) => [row.dataset.key, row]));
  const fresh = [...next.children].filter((row) => !rows.has(row.dataset.key));
  if (!busy(list)) return morph(list, next);
  for (const row of next.children) if (rows.has(row.dataset.key)) morph(rows.get(row.dataset.key), row);
  held = fresh.length || next.children.length !== list.children.length ? [list, next] : null;
  return fresh;
}

function showHeld() {
  if (!held) return;
  morph(...held).forEach((row) => row.classList.add("fresh"));
  held = null;
  offer(0);
}

function offer(count) {
  const button = document.getElementById("show-held");
  if (!button) return;
  button.hidden = !count;
  button.textContent = `${document.getElementById("words").dataset.show} (${count})`;
}

function renew(page) {
  let fresh = [];
  keepStill(() => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = page.getElementById(part.id);
      if (!next) continue;
      const list = part.matches(".tickets");
      const made = list ? renewList(part, next) : part.contains(document.activeElement) && part.matches("form, .side section") ? [] : morph(part, next);
      if (part.dataset.live === "say") fresh = fresh.concat(made);
    }
    offer(held ? fresh.length : 0);
    document.dispatchEvent(new CustomEvent("desk:renewed", { detail: { fresh } }));
  });
  fresh.forEach((node) => node.classList.add("fresh"));
  if (fresh.length) say(document.getElementById("words").dataset.new);
}

export async function refresh() {
  wanted = true;
  if (running) return;
  running = true;
  while (wanted) {
    wanted = false;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html", "x-refresh": "live" }, cache: "no-store" });
      if (answer.redirected && new URL(answer.url).pathname.startsWith("/desk/sign-in")) break;
      if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      break; // the stream's own reconnect brings us back here
    }
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
  running = false;
}

function concerns(event) {
  const page = document.querySelector("[data-ticket]");
  if (!page) return Boolean(document.querySelector("[data-live]"));
  return event.ticketId === Number(page.dataset.ticket) || event.type === "created" || event.type === "assigned";
}

export function watchLive() {
  if (!document.body.dataset.stream || document.body.dataset.still !== undefined) return;
  const source = new EventSource(document.body.dataset.stream);
  const offline = document.getElementById("offline");
  let lost = false;
  source.addEventListener("ticket", (message) => concerns(JSON.parse(message.data)) && refresh());
  source.addEventListener("reload", refresh);
  source.addEventListener("signed-out", () => {
    source.close();
    location.href = `/desk/sign-in?ended=true&next=${encodeURIComponent(location.pathname)}`;
  });
  source.addEventListener("open", () => {
    offline.hidden = true;
    document.body.dataset.connected = "";
    if (lost) refresh();
    lost = false;
  });
  source.addEventListener("error", () => {
    lost = true;
    offline.hidden = false;
    delete document.body.dataset.connected;
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.getElementById("show-held")?.addEventListener("click", showHeld);
  document.addEventListener("pointerout", (event) => event.target.closest?.(".tickets") && setTimeout(() => held && !busy(held[0]) && showHeld(), 50));
  document.addEventListener("focusout", () => setTimeout(() => held && !busy(held[0]) && showHeld(), 50));
}

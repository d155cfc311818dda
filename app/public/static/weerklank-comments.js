/* <weerklank-comments site="…" page="…" page-title="…" lang="nl">: comments under a page, our answers, and a form.
 *
 * A module of its own without dependencies. Nothing is written as HTML: every word of somebody else is a text node. The
 * style is a constructed sheet, so a page's Content-Security-Policy needs our address in script-src and connect-src only.
 * What somebody writes stays in this browser until the server has said that it is stored.
 */
const SERVER = new URL(import.meta.url).origin;
const REFRESH = 15_000;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;
const TYPING_TIME = 4_000; // after a form came late: sooner looks like a program's

const WORDS = {
  nl: {
    title: "Reacties", none: "Nog geen reacties. Schrijf de eerste.", anonymous: "Anoniem", more: "Oudere reacties", edited: "aangepast",
    hidden: "Deze reactie is verborgen.", removed: "Deze reactie is verwijderd.", withdrawn: "Deze reactie is door de schrijver ingetrokken.",
    answer: "Antwoord van", write: "Reageer", text: "Uw reactie", name: "Uw naam", email: "Uw e-mailadres", optional: "niet verplicht",
    nameHint: "Staat bij uw reactie.", private: "Zet mijn reactie niet op de pagina; antwoord alleen mij.", send: "Verstuur mijn reactie", sending: "Bezig met versturen…",
    most: (n) => `Hoogstens ${n} tekens.`, wrong: "Nog niet verstuurd", empty: "Schrijf eerst uw reactie.", long: (n) => `Uw reactie is langer dan ${n} tekens. Maak haar korter.`,
    odd: "Dit is geen e-mailadres. Schrijf het als naam@voorbeeld.nl, of laat het veld leeg.", refused: "Uw reactie kon zo niet worden aangenomen.",
    kept: "Er is nu geen verbinding. Uw reactie staat veilig in deze browser en wordt vanzelf verstuurd zodra het weer kan.",
    busy: "Het is nu erg druk. Uw reactie staat veilig in deze browser en wordt later vanzelf verstuurd.", now: "Probeer nu",
    thanks: "Wij hebben uw reactie ontvangen", reference: "Uw kenmerk:", later: "Uw kenmerk volgt op uw statuspagina.", follow: "Volg uw reactie op uw eigen statuspagina",
    keep: "Bewaar deze link: alleen u heeft hem.", held: "Uw reactie staat nog niet op de pagina: een medewerker kijkt er eerst naar.", again: "Schrijf nog een reactie",
    closed: "Op deze pagina kunt u niet meer reageren.", privacy: "Uw e-mailadres wordt nooit getoond; alleen collega’s die u antwoorden zien het.", answered: "Er is een nieuw antwoord.",
    away: "De reacties kunnen nu niet worden opgehaald. Wij proberen het vanzelf opnieuw.",
  },
  en: {
    title: "Comments", none: "No comments yet. Write the first one.", anonymous: "Anonymous", more: "Older comments", edited: "edited",
    hidden: "This comment is hidden.", removed: "This comment was removed.", withdrawn: "This comment was withdrawn by its author.",
    answer: "Answer from", write: "Comment", text: "Your comment", name: "Your name", email: "Your e-mail address", optional: "not required",
    nameHint: "Stands beside your comment.", private: "Do not put my comment on the page; only answer me.", send: "Send my comment", sending: "Sending…",
    most: (n) => `At most ${n} characters.`, wrong: "Not sent yet", empty: "Write your comment first.", long: (n) => `Your comment is longer than ${n} characters. Shorten it.`,
    odd: "This is no e-mail address. Write it like name@example.nl, or leave the field empty.", refused: "Your comment could not be taken like this.",
    kept: "There is no connection now. Your comment is safe in this browser and is sent by itself as soon as possible.",
    busy: "It is very busy now. Your comment is safe in this browser and is sent by itself later.", now: "Try now",
    thanks: "We have received your comment", reference: "Your reference:", later: "Your reference follows on your status page.", follow: "Follow your comment on your own status page",
    keep: "Keep this link: you alone have it.", held: "Your comment is not on the page yet: a colleague looks at it first.", again: "Write another comment",
    closed: "Comments on this page are closed.", privacy: "Your e-mail address is never published; only colleagues who answer you see it.", answered: "There is a new answer.",
    away: "The comments cannot be fetched now. We try again by ourselves.",
  },
};

const STYLE = `
:host { display: block; font: inherit; color: var(--weerklank-ink, #1b211e);
  --accent: var(--weerklank-accent, #0c6150); --strong: var(--weerklank-accent-strong, #094a3d); --tint: var(--weerklank-accent-soft, #e3f1ed);
  --ground: var(--weerklank-ground, #fff); --surface: var(--weerklank-surface, #fff); --soft: var(--weerklank-ink-soft, #545d57);
  --line: var(--weerklank-line, #dddcd5); --edge: var(--weerklank-edge, #78827c); --bad: var(--weerklank-bad, #a01e22); --round: var(--weerklank-round, 12px); }
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
section { font-family: var(--weerklank-face, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif); font-size: var(--weerklank-size, 1rem); line-height: 1.55; overflow-wrap: anywhere; }
h2, h3, p, ol, ul { margin: 0; padding: 0; } ol, ul { list-style: none; }
h2 { font-size: 1.375em; line-height: 1.3; display: flex; gap: .5em; align-items: baseline; } h3 { font-size: 1.125em; }
.count { font-size: .75em; font-weight: 600; color: var(--accent); background: var(--tint); border-radius: 1em; padding: 0 .6em; }
a { color: var(--accent); text-underline-offset: .2em; } :focus-visible { outline: 3px solid var(--weerklank-focus, #1554c0); outline-offset: 2px; border-radius: 4px; }
.soft { color: var(--soft); } time { color: var(--soft); font-size: .9em; }
.list { display: flex; flex-direction: column; gap: 1.25em; margin-top: 1em; }
.comment { border-top: 1px solid var(--line); padding-top: 1em; }
.who { display: flex; flex-wrap: wrap; gap: 0 .75em; align-items: baseline; }
.text { white-space: pre-wrap; margin-top: .25em; }
.answer { margin: .875em 0 0 clamp(0em, 4vw, 2em); padding: .875em 1.125em; background: var(--tint); border-left: 3px solid var(--accent); border-radius: 0 var(--round) var(--round) 0; }
.form { margin-top: 2em; padding: clamp(1em, 4vw, 1.75em); background: var(--surface); border: 1px solid var(--line); border-radius: var(--round); }
.form > * + * { margin-top: 1.125em; }
label { font-weight: 600; } .optional { font-weight: 400; color: var(--soft); } .hint { color: var(--soft); font-size: .9em; }
.fault { color: var(--bad); font-weight: 560; } .wrong { border-left: 4px solid var(--bad); padding-left: .75em; }
.field input, textarea { display: block; width: 100%; margin-top: .375em; padding: .7em .8em; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--edge); border-radius: calc(var(--round) * .7); }
textarea { resize: vertical; min-height: 7em; }
.two { display: grid; gap: 1.125em; grid-template-columns: repeat(auto-fit, minmax(min(15em, 100%), 1fr)); }
.two .field { display: flex; flex-direction: column; } .two input { margin-top: auto; } .two .hint { margin-bottom: .375em; }
.tick { display: flex; gap: .75em; align-items: flex-start; } .tick label { font-weight: 400; } .tick input { flex: none; width: 1.5em; height: 1.5em; margin: 0; accent-color: var(--accent); }
.off { position: absolute; left: -200vw; width: 1px; height: 1px; overflow: hidden; }
button { font: inherit; font-weight: 600; min-height: 2.75em; padding: .375em 1.25em; border: 1px solid var(--accent); border-radius: calc(var(--round) * .7); background: var(--accent); color: var(--weerklank-on-accent, #fff); cursor: pointer; }
button:hover { background: var(--strong); border-color: var(--strong); } button.plain { background: transparent; color: var(--accent); } button.plain:hover { background: var(--tint); } button[aria-disabled="true"] { opacity: .65; cursor: default; }
.notice { margin-top: 1.5em; padding: 1.125em 1.375em; background: var(--surface); border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: var(--round); } .notice > * + * { margin-top: .5em; } .notice.bad { background: var(--weerklank-bad-soft, #fcebea); border-color: var(--bad); } .notice.good { background: var(--weerklank-good-soft, #e6f4e7); border-color: var(--weerklank-good, #1d6428); }
.reference { font-size: 1.25em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (forced-colors: active) { .answer, .notice, .form { border: 1px solid CanvasText; } }
`;

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

/** An element with properties, and children that are elements or words. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** This browser's own store; a browser that has none keeps things for as long as the page is open. */
const store = {
  memory: new Map(),
  read(key) {
    try { return JSON.parse(localStorage.getItem(key) ?? this.memory.get(key) ?? "null"); } catch { return JSON.parse(this.memory.get(key) ?? "null"); }
  },
  write(key, value) {
    const text = JSON.stringify(value);
    this.memory.set(key, text);
    try { localStorage.setItem(key, text); } catch { /* no room or not allowed: the page still has it */ }
  },
  drop(key) {
    this.memory.delete(key);
    try { localStorage.removeItem(key); } catch { /* nothing was kept there */ }
  },
};

class WeerklankComments extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return this.#begin();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this.#build();
    this.#begin();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.leaving?.abort();
  }

  get #words() { return WORDS[this.#language]; }
  get #language() {
    const asked = (this.lang || this.closest("[lang]")?.lang || document.documentElement.lang || "nl").slice(0, 2).toLowerCase();
    return asked in WORDS ? asked : "nl";
  }
  get #site() { return `${this.getAttribute("server") || SERVER}/sites/${encodeURIComponent(this.getAttribute("site") ?? "")}`; }
  get #page() { return this.getAttribute("page") ?? location.pathname; }
  get #draftKey() { return `weerklank:${this.#site}:${this.#page}:draft`; }
  get #outboxKey() { return `weerklank:${this.#site}:${this.#page}:outbox`; }

  #begin() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("online", () => this.#deliver(), { signal });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#refresh(); }, { signal });
    this.timer = setInterval(() => { if (!document.hidden) this.#refresh(); }, REFRESH);
    this.wait = FIRST_WAIT;
    this.#prepare();
    this.#refresh();
    if (store.read(this.#outboxKey)) { this.#busy(true); this.#deliver(); }
  }

  // --- what stands there ---------------------------------------------------------------------------------------------

  #build() {
    const words = this.#words;
    this.count = make("span", { class: "count", hidden: true });
    this.comments = make("ol", { class: "list", part: "list" });
    this.empty = make("p", { class: "soft", hidden: true }, words.none);
    this.older = make("button", { type: "button", class: "plain", hidden: true, onclick: () => this.#more() }, words.more);
    this.live = make("p", { class: "hidden", role: "status" });
    this.away = make("p", { class: "soft", hidden: true }, words.away);
    this.notice = make("div", { role: "status" });
    this.form = this.#makeForm();
    const frame = make("section", { lang: this.#language, "aria-labelledby": "title", part: "frame" },
      make("h2", { id: "title", part: "title" }, words.title, " ", this.count),
      this.away, this.empty, this.comments, this.older, this.live, make("div", { class: "outcome" }, this.notice), this.form);
    this.shadowRoot.replaceChildren(frame);
    this.#fill(store.read(this.#draftKey) ?? store.read(this.#outboxKey));
  }

  #makeForm() {
    const words = this.#words;
    this.limits = make("p", { class: "hint", id: "text-hint" });
    this.text = make("textarea", { id: "text", name: "text", rows: "5", "aria-describedby": "text-hint text-fault" });
    this.name_ = make("input", { id: "name", name: "name", autocomplete: "name", maxlength: "200", "aria-describedby": "name-hint" });
    this.email = make("input", { id: "email", name: "email", type: "email", autocomplete: "email", maxlength: "254", "aria-describedby": "email-hint email-fault" });
    this.quiet = make("input", { id: "private", name: "private", type: "checkbox" });
    this.trap = make("input", { name: "website", tabindex: "-1", autocomplete: "off" });
    this.button = make("button", { type: "submit", part: "button" }, words.send);
    const optional = () => make("span", { class: "optional" }, ` (${words.optional})`);
    const fault = (name) => make("p", { class: "fault", id: `${name}-fault`, hidden: true });
    return make("form", { class: "form", part: "form", novalidate: true, "aria-labelledby": "write", onsubmit: (event) => this.#submit(event), oninput: () => this.#keep() },
      make("h3", { id: "write" }, words.write),
      make("div", { class: "field" }, make("label", { for: "text" }, words.text), this.limits, fault("text"), this.text),
      make("div", { class: "two" },
        make("div", { class: "field" }, make("label", { for: "name" }, words.name, optional()), make("p", { class: "hint", id: "name-hint" }, words.nameHint), this.name_),
        make("div", { class: "field" }, make("label", { for: "email" }, words.email, optional()), (this.privacy = make("p", { class: "hint", id: "email-hint" }, words.privacy)), fault("email"), this.email)),
      make("div", { class: "tick" }, this.quiet, make("label", { for: "private" }, words.private)),
      make("div", { class: "off", "aria-hidden": "true" }, make("label", {}, "Website ", this.trap)),
      this.button);
  }

  // --- comments and answers ------------------------------------------------------------------------------------------

  async #refresh() {
    const found = await this.#ask(`/published?page=${encodeURIComponent(this.#page)}`);
    this.away.hidden = found !== null || this.shown !== undefined;
    if (!found) return;
    const text = JSON.stringify(found);
    if (text === this.shown) return;
    const answers = found.comments.reduce((sum, comment) => sum + comment.answers.length, 0);
    if (this.shown !== undefined && answers > this.answers) this.live.textContent = this.#words.answered;
    this.shown = text;
    this.answers = answers;
    const older = [...this.comments.children].filter((row) => row.older && !found.comments.some((comment) => comment.id === row.number));
    this.comments.replaceChildren(...found.comments.map((comment) => this.#comment(comment)), ...older);
    if (!older.length) this.#next(found.next);
    this.count.textContent = found.count > 999 ? "999+" : String(found.count);
    this.count.hidden = found.count === 0;
    this.empty.hidden = this.comments.children.length > 0;
  }

  async #more() {
    const found = await this.#ask(`/published?page=${encodeURIComponent(this.#page)}&before=${this.before}`);
    if (!found) return;
    const rows = found.comments.map((comment) => Object.assign(this.#comment(comment), { older: true }));
    this.comments.append(...rows);
    rows[0]?.focus();
    this.#next(found.next);
  }

  #next(before) {
    this.before = before;
    this.older.hidden = !before;
  }

  #comment(comment) {
    const words = this.#words;
    const open = comment.state === "published";
    const who = open ? make("p", { class: "who" }, make("strong", {}, comment.name || words.anonymous), this.#moment(comment.received_at),
      comment.revised_at ? make("span", { class: "soft" }, `(${words.edited})`) : "") : "";
    const text = make("p", open ? { class: "text", lang: comment.language || undefined } : { class: "soft" }, open ? comment.text : words[comment.state] ?? words.hidden);
    const row = make("li", { class: "comment", part: "comment", tabindex: "-1" }, who, text, ...comment.answers.map((answer) => this.#answer(answer)));
    return Object.assign(row, { number: comment.id });
  }

  #answer(answer) {
    const by = answer.team ? `${answer.organisation}, ${answer.team}` : answer.organisation;
    return make("div", { class: "answer", part: "answer" },
      make("p", { class: "who" }, make("strong", {}, `${this.#words.answer} ${by}`), this.#moment(answer.sent_at),
        answer.revised_at ? make("span", { class: "soft" }, `(${this.#words.edited})`) : ""),
      make("p", { class: "text", lang: answer.language || undefined }, answer.text));
  }

  #moment(at) {
    const shown = new Intl.DateTimeFormat(this.#language === "nl" ? "nl-NL" : "en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Amsterdam" });
    return make("time", { datetime: at }, shown.format(new Date(at)));
  }

  async #ask(path) {
    try {
      const response = await fetch(this.#site + path, { headers: { accept: "application/json" }, credentials: "omit", cache: "no-cache" });
      return response.ok ? await response.json() : null;
    } catch { return null; }
  }

  // --- writing -------------------------------------------------------------------------------------------------------

  async #prepare() {
    const found = await this.#ask(`/form?page=${encodeURIComponent(this.#page)}&lang=${this.#language}`);
    if (!found) return false;
    this.stamp = found.stamp;
    this.most = found.max_length;
    this.text.maxLength = this.most;
    this.limits.textContent = `${this.#words.most(new Intl.NumberFormat(this.#language).format(this.most))} ${found.texts.moderation}`;
    this.privacy.textContent = found.texts.privacy;
    if (found.closed && !store.read(this.#outboxKey)) {
      this.form.hidden = true;
      this.#say(this.#words.closed);
    }
    return true;
  }

  #fields() {
    return { text: this.text.value, name: this.name_.value.trim(), email: this.email.value.trim(), private: this.quiet.checked };
  }

  #fill(fields) {
    if (!fields) return;
    this.text.value = fields.text ?? "";
    this.name_.value = fields.name ?? "";
    this.email.value = fields.email ?? "";
    this.quiet.checked = fields.private ?? false;
  }

  #keep() {
    store.write(this.#draftKey, this.#fields());
  }

  #submit(event) {
    event.preventDefault();
    if (this.button.getAttribute("aria-disabled") === "true") return;
    const fields = this.#fields();
    const faults = {};
    if (!fields.text.trim()) faults.text = this.#words.empty;
    else if (this.most && fields.text.length > this.most) faults.text = this.#words.long(this.most);
    if (fields.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(fields.email)) faults.email = this.#words.odd;
    if (this.#faults(faults)) return;
    store.write(this.#outboxKey, {
      ...fields, id: crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      page: this.#page, page_title: (this.getAttribute("page-title") ?? document.title).slice(0, 200), page_url: location.href.split("#")[0].slice(0, 2000),
      language: this.#language, stamp: this.stamp ?? "", website: this.trap.value,
    });
    this.wait = FIRST_WAIT;
    this.#busy(true);
    this.#deliver();
  }

  /** Send what waits in this browser; what cannot be sent now is tried again until it can. */
  async #deliver() {
    clearTimeout(this.retry);
    const waiting = store.read(this.#outboxKey);
    if (!waiting || this.sending) return;
    this.sending = true;
    try {
      if (!waiting.stamp && (this.stamp || await this.#prepare())) {
        waiting.stamp = this.stamp;
        store.write(this.#outboxKey, waiting);
        await new Promise((done) => setTimeout(done, TYPING_TIME));
      }
      const response = await fetch(`${this.#site}/comments?lang=${this.#language}`, {
        method: "POST", headers: { "content-type": "application/json", accept: "application/json" }, credentials: "omit", body: JSON.stringify(waiting),
      });
      if (response.ok) this.#received(waiting, await response.json());
      else if (response.status === 429 || response.status >= 500) this.#later(response.status === 429, Number(response.headers.get("retry-after")) * 1000);
      else this.#refused(await response.json().catch(() => ({})));
    } catch { this.#later(false, 0); } finally { this.sending = false; }
  }

  #later(busy, after) {
    this.#busy(false, true);
    this.#say(busy ? this.#words.busy : this.#words.kept, make("button", { type: "button", class: "plain", onclick: () => this.#deliver() }, this.#words.now));
    const wait = Math.max(after || 0, this.wait) * (1 + Math.random() / 4);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.retry = setTimeout(() => this.#deliver(), wait);
  }

  #received(sent, receipt) {
    store.drop(this.#outboxKey);
    store.drop(this.#draftKey);
    const words = this.#words;
    this.form.reset();
    this.form.hidden = true;
    this.#busy(false);
    this.#say(
      make("h3", { tabindex: "-1", id: "thanks" }, words.thanks),
      receipt.reference ? make("p", {}, `${words.reference} `, make("strong", { class: "reference" }, receipt.reference)) : make("p", {}, words.later),
      receipt.publication === "held" ? make("p", {}, words.held) : "",
      make("p", {}, make("a", { href: receipt.status_url, target: "_blank", rel: "noopener noreferrer", part: "status-link" }, words.follow), ". ", words.keep),
      make("button", { type: "button", class: "plain", onclick: () => this.#again() }, words.again));
    this.notice.firstChild.setAttribute("part", "receipt");
    this.notice.firstChild.classList.add("good");
    this.shadowRoot.getElementById("thanks").focus();
    this.dispatchEvent(new CustomEvent("weerklank-sent", { bubbles: true, composed: true, detail: { reference: receipt.reference } }));
    this.stamp = undefined;
    this.#prepare();
    this.#refresh();
  }

  #again() {
    this.notice.replaceChildren();
    this.form.hidden = false;
    this.text.focus();
  }

  #refused(problem) {
    store.drop(this.#outboxKey);
    this.#busy(false);
    const faults = Object.fromEntries((problem.errors ?? []).filter((error) => ["text", "email"].includes(error.field)).map((error) => [error.field, error.fix]));
    if (!this.#faults(faults)) this.#say(this.#words.refused, problem.detail ?? "");
  }

  #faults(faults) {
    this.notice.replaceChildren();
    for (const [name, field] of [["text", this.text], ["email", this.email]]) {
      const line = this.shadowRoot.getElementById(`${name}-fault`);
      line.textContent = faults[name] ?? "";
      line.hidden = !faults[name];
      field.parentElement.classList.toggle("wrong", Boolean(faults[name]));
      if (faults[name]) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    const first = ["text", "email"].find((name) => faults[name]);
    if (!first) return false;
    this.#say(make("strong", {}, this.#words.wrong), make("p", {}, Object.values(faults).join(" ")));
    this.notice.firstChild.classList.add("bad");
    this.shadowRoot.getElementById(first).focus();
    return true;
  }

  #busy(sending, waiting = false) {
    this.button.setAttribute("aria-disabled", String(sending || waiting));
    this.button.textContent = sending ? this.#words.sending : this.#words.send;
    for (const field of [this.text, this.name_, this.email]) field.readOnly = sending || waiting;
  }

  #say(...parts) {
    this.notice.replaceChildren(make("div", { class: "notice", part: "notice" }, ...parts.map((part) => (typeof part === "string" && part ? make("p", {}, part) : part))));
  }
}

customElements.get("weerklank-comments") ?? customElements.define("weerklank-comments", WeerklankComments);

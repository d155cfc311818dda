// <weerklank-poll poll="KEY" lang="nl" label="…"><a href="https://…/polls/KEY">…</a></weerklank-poll>
//
// Shows a poll in a frame that is as high as the poll. Without script the link inside stays. The poll itself runs on
// Weerklank's own address, works without script, and this page can read nothing of it but its height.
const BASE = new URL(import.meta.url).origin;

class WeerklankPoll extends HTMLElement {
  connectedCallback() {
    if (this.frame) return;
    const key = this.getAttribute("poll") ?? "";
    const language = (this.getAttribute("lang") ?? document.documentElement.lang ?? "nl").slice(0, 2);
    this.frame = document.createElement("iframe");
    this.frame.src = `${BASE}/polls/${encodeURIComponent(key)}?lang=${encodeURIComponent(language)}&framed=1`;
    this.frame.title = this.getAttribute("label") ?? (language === "en" ? "Poll" : "Peiling");
    this.frame.width = "100%";
    this.frame.height = "600";
    this.frame.setAttribute("frameborder", "0");
    this.replaceChildren(this.frame);
    // After a vote the frame shows another, shorter page: its beginning must be in sight.
    let pages = 0;
    this.frame.addEventListener("load", () => {
      if (pages++ && this.frame.getBoundingClientRect().top < 0) this.frame.scrollIntoView({ block: "start" });
    });
    this.hear = (event) => {
      const height = Number(event.data?.weerklankPollHeight);
      if (event.source === this.frame.contentWindow && event.origin === BASE && height > 0) this.frame.height = String(Math.min(height, 10_000));
    };
    addEventListener("message", this.hear);
  }

  disconnectedCallback() {
    removeEventListener("message", this.hear);
    this.frame = undefined;
  }
}

customElements.define("weerklank-poll", WeerklankPoll);

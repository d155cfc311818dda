// Tells the page that shows this poll in a frame how high it is. Only a number leaves, so any listener may have it.
const tell = () => parent.postMessage({ weerklankPollHeight: Math.ceil(document.body.getBoundingClientRect().height) }, "*");
if (parent !== window) {
  new ResizeObserver(tell).observe(document.body);
  tell();
}

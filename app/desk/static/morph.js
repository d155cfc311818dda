// Makes one element like another in place: nodes that stay are kept, so focus, scroll and open folds stay too.
const keyOf = (node) => (node.nodeType === 1 ? node.dataset?.key || node.id || "" : "");
const held = new Set(["open", "data-fresh"]);

function attributes(from, to) {
  for (const { name, value } of [...to.attributes]) if (!held.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes]) if (!held.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
}

function children(from, to, fresh) {
  const keyed = new Map([...from.childNodes].filter(keyOf).map((node) => [keyOf(node), node]));
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    let match = key ? keyed.get(key) : place;
    if (!key && match && (keyOf(match) || match.nodeName !== wanted.nodeName)) match = null;
    if (!match) {
      const made = document.importNode(wanted, true);
      if (key) fresh.push(made);
      from.insertBefore(made, place);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else from.insertBefore(match, place);
    morph(match, wanted, fresh);
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

export function morph(from, to, fresh = []) {
  if (from.nodeType !== 1) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
  } else if (from.dataset.keep === undefined && !from.isEqualNode(to)) {
    attributes(from, to);
    children(from, to, fresh);
  }
  return fresh;
}

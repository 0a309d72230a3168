/** What the tests ask inside a page. A script of its own, because the types of the tests are Node's. */
globalThis.inPage = {
  overflow: () => document.documentElement.scrollWidth - document.documentElement.clientWidth,

  openDetails: () => document.querySelectorAll('details').forEach((details) => (details.open = true)),

  doubleText: () => document.documentElement.style.setProperty('font-size', '200%'),

  async axeFindings() {
    const { violations } = await globalThis.axe.run({ resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  },

  /** Numbers the controls in the order of the document; returns how many there are. */
  numberControls() {
    const all = [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')];
    const visible = all.filter((element) => element.checkVisibility());
    for (const [at, element] of visible.entries()) element.dataset.at = at;
    return visible.length;
  },

  /** The number of the control that has the focus, or what is wrong with it. */
  focusedControl() {
    const focused = document.activeElement;
    const rings = [focused, focused.closest('label') ?? focused].map((element) => getComputedStyle(element));
    const hasRing = rings.some((ring) => ring.outlineStyle === 'solid' && ring.outlineWidth === '3px');
    return hasRing ? Number(focused.dataset.at) : `no ring: ${focused.outerHTML}`;
  },

  /** The elements and attributes of documents, without texts and values. */
  skeletons: (texts) =>
    texts.map((text) => {
      const elements = [...new DOMParser().parseFromString(text, 'text/html').querySelectorAll('*')];
      return elements
        .map((element) => [element.localName, ...element.getAttributeNames()].join(' '))
        .join('\n');
    }),
};

document.addEventListener('securitypolicyviolation', (event) => {
  globalThis.complain(`violation: ${event.effectiveDirective}`);
});

/** Runs in the page: finds controls without a name, and text with too little contrast to its background. */
export function flaws(): string[] {
  const luminance = (channels: number[]) => {
    const [r, g, b] = channels.map((c) => (c <= 10.31475 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  /** Channels up to 255, and alpha. Mixed colours are written as `color(srgb 1 0.5 0)`. */
  const rgba = (color: string) => {
    const [r, g, b, ...alpha] = color.match(/[\d.]+(?:e-\d+)?/g)!.map(Number);
    const most = color.startsWith('color(srgb') ? 255 : 1;
    return [most * r!, most * g!, most * b!, ...alpha];
  };
  const grounds = new Map<Element | null, number[]>([[null, [255, 255, 255]]]);
  const behind = (element: Element | null): number[] => {
    const known = grounds.get(element);
    if (known !== undefined) return known;
    const [r, g, b, alpha = 1] = rgba(getComputedStyle(element!).backgroundColor);
    const ground = alpha === 1 ? [r!, g!, b!] : behind(element!.parentElement);
    grounds.set(element, ground);
    return ground;
  };
  const contrast = (a: number[], b: number[]) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light! + 0.05) / (dark! + 0.05);
  };
  const found: string[] = [];
  const ink = rgba(getComputedStyle(document.querySelector('textarea') ?? document.body).color).slice(0, 3);
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility() || element.closest('.hidden')) continue;
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue!.trim() !== '');
    if (element.closest('#mirror') || element.matches('.scale i')) {
      if (contrast(ink, behind(element)) < 4.5) found.push(`${element.className}: ink on it`);
    } else if (own && !element.matches(':disabled')) {
      const ratio = contrast(rgba(getComputedStyle(element).color).slice(0, 3), behind(element));
      if (ratio < 4.5)
        found.push(`${element.tagName} "${element.textContent!.slice(0, 30)}": ${ratio.toFixed(2)}`);
    }
    if (
      element.matches('button, input, select, textarea') &&
      element.getAttribute('aria-hidden') !== 'true'
    ) {
      const { labels } = element as HTMLInputElement;
      const name = element.getAttribute('aria-label') || labels?.[0]?.textContent || element.textContent;
      if (!name?.trim()) found.push(`${element.outerHTML.slice(0, 60)} has no name`);
    }
    if (element.matches('button') && element.scrollWidth > element.clientWidth + 1)
      found.push(`"${element.textContent!.trim()}" is cut off`);
    for (const attribute of ['aria-describedby', 'aria-labelledby', 'for']) {
      const id = element.getAttribute(attribute);
      if (id !== null && !document.getElementById(id)) found.push(`there is no ${attribute} ${id}`);
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  found.push(...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `two elements are #${id}`));
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`${scrollWidth} wide in a window of ${clientWidth}`);
  return found;
}

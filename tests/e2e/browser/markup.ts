import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { type FileServer, serveFiles } from '../../support/file_server.js';

/** Markup that runs a script in each way that markup can, if a page takes it for markup. */
export const MARKUP =
  '"><img src=x onerror=ran.push(1)><svg onload=ran.push(2)></svg><script>ran.push(3)</script>' +
  '<a href="javascript:ran.push(4)">a</a><iframe srcdoc="<script>parent.ran.push(5)</script>"></iframe>\'';

/** A list for `MARKUP`, which a page must have before anything in it runs. */
export const RAN = 'globalThis.ran = []';

/** The parts of `MARKUP` that ran, and its elements and attributes that the page has. `scripts`: the page's own. */
export const traces = (page: Page, scripts = 'script[src]') =>
  page.evaluate(
    (scripts) => [
      ...(globalThis as unknown as { ran: number[] }).ran,
      ...Array.from(
        document.querySelectorAll(`img, iframe, script:not(${scripts}), [href^="javascript:"]`),
        String,
      ),
      ...Array.from(document.querySelectorAll('*'))
        .flatMap((element) => element.getAttributeNames())
        .filter((name) => name.startsWith('on')),
    ],
    scripts,
  );

/** A server whose answer is right for whatever asks, so that a policy alone is in the way. */
export const serveStranger = (): Promise<FileServer> =>
  serveFiles(fileURLToPath(new URL('.', import.meta.url)), {
    answer: (_, response) => {
      response.setHeader('access-control-allow-origin', '*').setHeader('content-type', 'text/javascript');
      response.setHeader('cross-origin-resource-policy', 'cross-origin').end('globalThis.ran?.push(9)');
      return true;
    },
  });

/** Whether code in the page fails, or violates its policy. `STRANGER` in it is a file of the server `stranger`. */
export function refused(page: Page, code: string, stranger: string): Promise<boolean> {
  return page.evaluate(`(async () => {
    const STRANGER = ${JSON.stringify(`${stranger}/a.js`)};
    let isViolated = false;
    document.addEventListener('securitypolicyviolation', () => { isViolated = true; });
    const until = (target, event) => new Promise((resolve, reject) => {
      target.addEventListener(event, resolve);
      target.addEventListener('error', () => reject(new Error('refused')));
    });
    const added = (element) => {
      const end = new Promise((resolve, reject) => {
        // A frame that a policy keeps empty loads too, and the event of the policy may come after.
        element.addEventListener('load', () => setTimeout(resolve, 10_000));
        element.addEventListener('error', () => reject(new Error('refused')));
        document.addEventListener('securitypolicyviolation', () => reject(new Error('refused')));
      });
      document.body.append(element);
      return end;
    };
    try {
      // Code that a debugger evaluates may use eval until it ends.
      await new Promise((resolve) => setTimeout(resolve));
      ${code};
      return isViolated;
    } catch {
      return true;
    }
  })()`);
}

import { checkOptionNames, invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { htmlPage, shown } from '../../report/html_page.js';
import type { AttentionPatterns, LogitAttribution, LogitLens } from '../results.js';
import { attentionSection } from './attention_section.js';
import { attributionSection } from './attribution_section.js';
import { lensSection } from './lens_section.js';
import { INSIDE_SCRIPT, INSIDE_SCRIPT_HASH } from './script.js';
import { INSIDE_STYLE } from './style.js';

/** What a report shows: at least one. */
export interface InsideViews {
  /** The result of `logitLens`. */
  readonly lens?: LogitLens | undefined;
  /** The result of `attentionPatterns`. */
  readonly attention?: AttentionPatterns | undefined;
  /** The result of `logitAttribution`. */
  readonly attribution?: LogitAttribution | undefined;
}

/** Names in a report. */
export interface InsideReportOptions {
  /** Name of the model. */
  readonly model?: string | undefined;
  /** Title of the report. Default: Inside the model. */
  readonly title?: string | undefined;
}

/**
 * A page that shows what is inside a model while it reads a text, as one file that needs no network: tables whose cells
 * can be chosen with keys and pointer. Throws `invalid-option`.
 */
export function insideReport(views: InsideViews, options: InsideReportOptions = {}): string {
  checkOptionNames('the views', views, ['lens', 'attention', 'attribution']);
  checkOptionNames('insideReport', options, ['model', 'title']);
  const { model, title = 'Inside the model' } = options;
  for (const [name, value] of Object.entries({ model, title })) {
    if (value !== undefined && typeof value !== 'string') throw invalidOption(name, value, 'a string');
  }
  const { lens, attention, attribution } = views;
  const results = { lens, attention, attribution };
  for (const [name, result] of Object.entries(results)) {
    if (result !== undefined && !Array.isArray((result as Partial<LogitLens> | null)?.tokens)) {
      throw invalidOption(name, result, 'a result of the function that makes it');
    }
  }
  const sections = [
    lens && lensSection(lens),
    attention && attentionSection(attention),
    attribution && attributionSection(attribution),
  ].filter((section) => section !== undefined);
  if (sections.length === 0) {
    throw new Gpt2Error('invalid-option', 'the views are empty; give lens, attention or attribution');
  }
  const name = model === undefined ? 'a language model' : shown(model);
  return htmlPage({
    title,
    note: `What happens inside ${name} while it reads a text.`,
    body: `<main>\n${sections.join('\n')}\n</main>`,
    ...{ style: INSIDE_STYLE, script: INSIDE_SCRIPT, scriptHash: INSIDE_SCRIPT_HASH },
  });
}

import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import type { ByPosition } from '../robustness/by_position.js';
import { byPositionSvg } from '../robustness/position_figure.js';
import type { Examination, ExaminedToken } from '../text/examination.js';
import { checkExamination, checkPositions } from './check_examination.js';
import { entropyBars, histogramSvg, rankBars, surprisalBars } from './histogram.js';
import { htmlPage, shown } from './html_page.js';
import { HTML_SCRIPT, HTML_SCRIPT_HASH } from './html_script.js';
import { HTML_STYLE } from './html_style.js';
import { htmlTables } from './html_tables.js';
import { COLOURINGS, LEGENDS } from './levels.js';
import { classesOf, classOf } from './palette.js';

/** Names and figures in a report. */
export interface HtmlReportOptions {
  /** Name of the model. */
  readonly model?: string | undefined;
  /** Title of the report. Default: Examined text. */
  readonly title?: string | undefined;
  /** Perplexity by position, as a figure after the texts. */
  readonly byPosition?: ByPosition | undefined;
}

/** An examination with a name, such as that of its file. */
export interface NamedExamination {
  /** Heading of its part of the report; none if it is empty. */
  readonly name: string;
  /** The result of `examine`. */
  readonly examination: Examination;
}

/**
 * A page that shows examinations, as one file that needs no network: the text in colours by rank (those of GLTR:
 * Gehrmann, Strobelt and Rush, 2019), probability or entropy, histograms, and tables of words, sentences and tokens.
 * Throws `invalid-option`.
 */
export function htmlReport(
  examinations: Examination | readonly NamedExamination[],
  options: HtmlReportOptions = {},
): string {
  checkOptionNames('htmlReport', options, ['model', 'title', 'byPosition']);
  const { model, title = 'Examined text', byPosition } = options;
  for (const [name, value] of Object.entries({ model, title })) {
    if (value !== undefined && typeof value !== 'string') throw invalidOption(name, value, 'a string');
  }
  if (byPosition !== undefined) checkPositions('byPosition', byPosition);
  const all = Array.isArray(examinations)
    ? examinations.map(checkNamed)
    : [checkNamed({ name: '', examination: examinations })];
  const by = COLOURINGS.map(
    (name, i) =>
      `<label><input type="radio" name="by" id="by-${name}"${i === 0 ? ' checked' : ''}> ${name}</label>`,
  );
  const name = model === undefined ? '' : `, ${shown(model)}`;
  return htmlPage({
    title,
    note: `How likely each token of a text is to a language model${name}.
A likely text may be written by a person, and an unlikely one by a machine: the colours are no proof.`,
    body: `<main>
<fieldset><legend>Colours show</legend>${by.join('')}</fieldset>
${all.map(sectionOf).join('\n')}
${byPosition ? `<section class="positions" tabindex="0" aria-label="Positions">${byPositionSvg(byPosition)}</section>` : ''}
</main>`,
    ...{ style: HTML_STYLE, script: HTML_SCRIPT, scriptHash: HTML_SCRIPT_HASH },
  });
}

function checkNamed(given: unknown, index?: number): NamedExamination {
  const { name, examination } = (given ?? {}) as NamedExamination;
  const place = index === undefined ? '' : `examinations[${index}].`;
  if (typeof name !== 'string') throw invalidOption(`${place}name`, name, 'a string');
  checkExamination(`${place}examination`, examination);
  return { name, examination };
}

function sectionOf({ name, examination }: NamedExamination): string {
  const charts = [
    ['Rank of the token', rankBars(examination)],
    ['Surprisal of the token, in bits', surprisalBars(examination.tokens)],
    ['Entropy at its place, in bits', entropyBars(examination.tokens)],
  ] as const;
  const figures = charts.map(
    ([title, bars]) =>
      `<figure tabindex="0"><figcaption>${title}</figcaption>${histogramSvg(title, bars)}</figure>`,
  );
  const legends = COLOURINGS.map((colouring) => {
    const entries = LEGENDS[colouring].map(
      ([level, meaning]) => `<li><span class="${classOf(colouring, level)}">${meaning}</span></li>`,
    );
    return `<ul class="legend ${colouring}" aria-label="Colours of ${colouring}">${entries.join('')}</ul>`;
  });
  return `<section class="examined">
${name === '' ? '' : `<h2 dir="auto">${shown(name)}</h2>`}
${numbers(examination)}
${legends.join('\n')}
<div class="text" tabindex="0" role="group" lang="" dir="auto" aria-label="Text in colours">${pieces(examination)}</div>
<p class="detail" role="status">Point at a token, or choose one with Left and Right, to see its figures.</p>
<div class="charts">${figures.join('\n')}</div>
${htmlTables(examination)}
</section>`;
}

function numbers({ scoredTokens, words, perplexity, bitsPerByte, sum, stride, bins }: Examination): string {
  const rows = {
    Length: `${counted(scoredTokens, 'scored token')}, ${counted(words.length, 'word')}`,
    Perplexity: threeDigits(perplexity),
    'Bits per byte': bitsPerByte === undefined ? '\u2013' : bitsPerByte.toFixed(3),
    'ln p of the text': sum.toFixed(2),
    'In the top 10': `${threeDigits((100 * bins.top10) / scoredTokens)} % of the tokens`,
    ...(stride !== undefined && { Windows: `each measures ${counted(stride, 'token')} after the first` }),
  };
  return `<dl>${Object.entries(rows)
    .map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`)
    .join('')}</dl>`;
}

/** The text as inline elements, one for each token that has characters. */
function pieces({ text, tokens }: Examination): string {
  const piece = (token: ExaminedToken, row: number) => {
    // A carriage return is part of the line break after it, which may be the next token.
    const own = text[token.end] === '\n' ? token.text.replace(/\r$/, '') : token.text;
    const characters = own.replaceAll('\r\n', '\n');
    if (characters === '') return '';
    const classes = classesOf(token);
    return `<span class="${classes}" data-row="${row}">${shown(characters)}</span>`;
  };
  return tokens.map(piece).join('');
}

import { invalidOption } from '../../base/check_options.js';
import { type Span, TextFinder } from '../banned_texts/text_finder.js';
import type { FilterAction, FilterContext, FilterFunction, FilterVerdict } from './filter.js';
import { personalData } from './personal_data.js';
import type { FilterModel } from './prompt_classifier.js';
import { type ResolvedFilter, type ResolvedRule, RULE_DEFAULTS } from './resolved_filter.js';
import { joinedSpans, replaceSpans } from './spans.js';

/** What a rule found in a sentence. */
export interface Finding {
  readonly rule: string;
  readonly found: readonly string[];
}

/** What a rule makes of a sentence. */
export interface Judged {
  readonly action: 'allow' | FilterAction;
  /** The sentence as it may stand. */
  readonly text: string;
  readonly findings: readonly Finding[];
}

export interface Rule {
  /** How many times a sentence may be sampled again. */
  readonly retries: number;
  judge(sentence: string, context: FilterContext): Promise<Judged>;
}

/** Finds parts of a sentence, or says whether the whole sentence is found. */
interface Finder {
  readonly rule: string;
  find(
    sentence: string,
    context: FilterContext,
  ): readonly Span[] | boolean | Promise<readonly Span[] | boolean>;
}

/** Makes the rules of a filter. `model`: scores for classifiers with prompts. */
export function createRules(filter: ResolvedFilter, model: FilterModel): Promise<Rule[]> {
  return Promise.all(
    filter.map(async (item) =>
      typeof item === 'function' ? functionRule(item) : dataRule(item, await findersOf(item, model)),
    ),
  );
}

async function findersOf(
  { words, personalData: kinds, classifier }: ResolvedRule,
  model: FilterModel,
): Promise<Finder[]> {
  const finders: Finder[] = [];
  if (words === 'english') {
    // Loaded on demand, since the list is long.
    const { englishProfanities } = await import('./english.js');
    finders.push({ rule: words, find: englishProfanities });
  } else if (words !== undefined) {
    const finder = new TextFinder(words);
    finders.push({ rule: 'words', find: (sentence) => finder.find(sentence) });
  }
  for (const kind of kinds) finders.push({ rule: kind, find: (sentence) => personalData(sentence, kind) });
  if (typeof classifier === 'function') finders.push({ rule: 'classifier', find: classifier });
  else if (classifier !== undefined && 'model' in classifier) {
    const { headClassifier } = await import('./head_classifier.js');
    finders.push({ rule: 'classifier', find: headClassifier(classifier) });
  } else if (classifier !== undefined) {
    const { promptClassifier } = await import('./prompt_classifier.js');
    finders.push({ rule: 'classifier', find: promptClassifier(classifier, model) });
  }
  return finders;
}

function dataRule({ action, replacement, retries }: ResolvedRule, finders: readonly Finder[]): Rule {
  return {
    retries,
    async judge(sentence, context) {
      const findings: Finding[] = [];
      let text = sentence;
      for (const { rule, find } of finders) {
        const result = await find(text, context);
        const spans = typeof result === 'boolean' ? (result ? [wholeOf(text)] : []) : joinedSpans(result);
        if (spans.length === 0) continue;
        findings.push({ rule, found: spans.map(({ start, end }) => text.slice(start, end)) });
        if (action !== 'replace') return { action, text: '', findings };
        text = replaceSpans(text, spans, replacement);
      }
      return { action: findings.length > 0 ? action : 'allow', text, findings };
    },
  };
}

function functionRule(judge: FilterFunction): Rule {
  return {
    retries: RULE_DEFAULTS.retries,
    async judge(sentence, context) {
      const verdict = checkedVerdict(await judge(sentence, context));
      if (verdict === 'allow') return { action: verdict, text: sentence, findings: [] };
      const whole = wholeOf(sentence);
      const findings = [{ rule: 'function', found: [sentence.slice(whole.start)] }];
      if (verdict === 'stop' || verdict === 'retry') return { action: verdict, text: '', findings };
      const text =
        verdict === 'replace' ? replaceSpans(sentence, [whole], RULE_DEFAULTS.replacement) : verdict.replace;
      return { action: 'replace', text, findings };
    },
  };
}

/** A sentence without the white space before it. */
function wholeOf(sentence: string): Span {
  return { start: sentence.length - sentence.trimStart().length, end: sentence.length };
}

function checkedVerdict(verdict: FilterVerdict): FilterVerdict {
  const isText = typeof verdict === 'object' && typeof verdict?.replace === 'string';
  if (isText || ['allow', 'replace', 'stop', 'retry'].includes(verdict as string)) return verdict;
  throw invalidOption(
    'what filter returned',
    verdict,
    "'allow', 'replace', { replace: text }, 'stop' or 'retry', or a promise of one of them",
  );
}

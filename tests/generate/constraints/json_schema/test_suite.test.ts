import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import type { Expression } from '../../../../src/generate/constraints/expressions/expression.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import type { JsonSchemaFormat } from '../../../../src/generate/constraints/format.js';
import { compileJsonSchema } from '../../../../src/generate/constraints/json_schema/compile_json_schema.js';
import { unless } from '../../../support/unless.js';
import { accepts } from '../accepts.js';

/** JSON-Schema-Test-Suite, in a folder `shared` beside this checkout or above it. */
const folder = findFolder(join('shared', 'data', 'json-schema-test-suite', 'tests'));
const missing = folder === undefined ? 'JSON-Schema-Test-Suite is not in shared/data' : undefined;

interface Group {
  readonly description: string;
  readonly schema: object | boolean;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

interface Counts {
  right: number;
  /** Tests of schemas that are refused. */
  refused: number;
  readonly wrong: string[];
}

/** Schemas of the draft say so, since the folder does not count as `$schema`. */
const DRAFTS = {
  draft7: 'http://json-schema.org/draft-07/schema#',
  'draft2020-12': 'https://json-schema.org/draft/2020-12/schema',
};

function findFolder(path: string): string | undefined {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, path))) return join(at, path);
  }
  return undefined;
}

function run(
  draft: keyof typeof DRAFTS,
  subfolder: string,
  formats: JsonSchemaFormat['formats'],
  isNamed = true,
): Counts {
  const counts: Counts = { right: 0, refused: 0, wrong: [] };
  const path = join(folder!, draft, subfolder);
  for (const file of readdirSync(path).filter((name) => name.endsWith('.json'))) {
    for (const group of JSON.parse(readFileSync(join(path, file), 'utf8')) as Group[]) {
      const { schema } = group;
      const named = typeof schema === 'object' ? { $schema: DRAFTS[draft], ...schema } : schema;
      const jsonSchema = isNamed ? named : schema;
      const format: JsonSchemaFormat = { jsonSchema, order: 'any', whitespace: 'any', formats };
      const expression = compiled(format, group, counts);
      if (expression === undefined) continue;
      for (const { description, data, valid } of group.tests) {
        const texts = [JSON.stringify(data), JSON.stringify(data, null, 2)];
        if (texts.every((text) => accepts(expression, text) === valid)) counts.right++;
        else counts.wrong.push(`${draft}/${file}: ${group.description}: ${description}`);
      }
    }
  }
  console.log(
    `${draft}/${subfolder}: ${counts.right} right, ${counts.refused} refused, ${counts.wrong.length} wrong`,
  );
  return counts;
}

/** undefined if the schema is refused. A schema that no value is valid against is right about invalid values. */
function compiled(format: JsonSchemaFormat, { tests }: Group, counts: Counts): Expression | undefined {
  try {
    return compileJsonSchema(new Expressions(), format);
  } catch (error) {
    assert.instance(error, Gpt2Error);
    assert.is((error as Gpt2Error).code, 'invalid-option');
    const isEmpty = (error as Gpt2Error).message.includes('no JSON matches');
    if (isEmpty && tests.every(({ valid }) => !valid)) counts.right += tests.length;
    else counts.refused += tests.length;
    return undefined;
  }
}

unless(missing)('draft 7: 904 of 927 tests are right, no other schema is accepted', () => {
  const { right, refused, wrong } = run('draft7', '', 'strings');
  assert.equal(wrong, []);
  assert.ok(right >= 904, `${right}`);
  assert.is(right + refused, 927);
});

unless(missing)('the draft of a schema that does not name it is guessed', () => {
  for (const draft of ['draft7', 'draft2020-12'] as const) {
    const { right, wrong } = run(draft, '', 'strings', false);
    assert.equal(wrong, []);
    assert.ok(right >= (draft === 'draft7' ? 904 : 1250), `${right}`);
  }
});

unless(missing)('draft 2020-12: 1,250 of 1,299 tests are right, no other schema is accepted', () => {
  const { right, refused, wrong } = run('draft2020-12', '', 'strings');
  assert.equal(wrong, []);
  assert.ok(right >= 1250, `${right}`);
  assert.is(right + refused, 1299);
});

unless(missing)('formats are right, apart from internationalized host names, which are not written', () => {
  for (const draft of ['draft7', 'draft2020-12'] as const) {
    const { right, wrong } = run(draft, join('optional', 'format'), 'all');
    assert.equal(
      wrong.filter((name) => !name.includes('A-label (punycode)')),
      [],
    );
    assert.is(wrong.length, 15);
    assert.ok(right >= (draft === 'draft7' ? 534 : 621), `${right}`);
  }
});

test.run();

import applicator from 'ajv/dist/refs/json-schema-2020-12/meta/applicator.json' with { type: 'json' };
import content from 'ajv/dist/refs/json-schema-2020-12/meta/content.json' with { type: 'json' };
import core from 'ajv/dist/refs/json-schema-2020-12/meta/core.json' with { type: 'json' };
import formatAnnotation from 'ajv/dist/refs/json-schema-2020-12/meta/format-annotation.json' with {
  type: 'json',
};
import metadata from 'ajv/dist/refs/json-schema-2020-12/meta/meta-data.json' with { type: 'json' };
import unevaluated from 'ajv/dist/refs/json-schema-2020-12/meta/unevaluated.json' with { type: 'json' };
import validation from 'ajv/dist/refs/json-schema-2020-12/meta/validation.json' with { type: 'json' };
import schema from 'ajv/dist/refs/json-schema-2020-12/schema.json' with { type: 'json' };
import draft7 from 'ajv/dist/refs/json-schema-draft-07.json' with { type: 'json' };
import type { JsonObject } from './json.js';

const ALL: readonly { readonly $id: string }[] = [
  draft7,
  schema,
  applicator,
  content,
  core,
  formatAnnotation,
  metadata,
  unevaluated,
  validation,
];

/** The schemas of schemas of the drafts that are supported, by URI without a fragment. */
export const METASCHEMAS: ReadonlyMap<string, JsonObject> = new Map(
  ALL.map((each) => [each.$id.replace(/#$/, ''), each as unknown as JsonObject]),
);

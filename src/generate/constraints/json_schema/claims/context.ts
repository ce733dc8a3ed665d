import type { Expressions } from '../../expressions/expressions.js';
import type { JsonSchemaFormat } from '../../format.js';
import type { Documents } from '../documents/documents.js';
import type { Goal, Goals } from './goals.js';

/** What the parts of the compiler share for one format. */
export interface Context {
  readonly make: Expressions;
  readonly documents: Documents;
  readonly goals: Goals;
  /** Whether it is seen at first sight that no value meets a goal. */
  readonly isClearlyEmpty: (goal: Goal) => boolean;
  readonly order: 'schema' | 'any';
  readonly whitespace: 'compact' | 'any';
  readonly formats: NonNullable<JsonSchemaFormat['formats']>;
}

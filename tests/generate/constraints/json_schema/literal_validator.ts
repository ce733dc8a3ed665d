/** The parts of an object or array that keywords have evaluated; undefined if the value is not valid. */
type Evaluated = ReadonlySet<string> | undefined;
type Schema = boolean | Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, unknown>>;

/**
 * Whether a value is valid, as the specification of draft 2020-12 says it keyword by keyword. References and formats are
 * left out. (ajv evaluates too much in some alternatives that fail, so that it is no oracle for unevaluated parts.)
 */
export function isValid(schema: Schema, value: unknown): boolean {
  return evaluate(schema, value) !== undefined;
}

function evaluate(schema: Schema, value: unknown): Evaluated {
  if (typeof schema === 'boolean') return schema ? new Set() : undefined;
  const evaluated = new Set<string>();
  /** Whether a schema is valid here; if so, notes what it evaluated. */
  const holds = (part: unknown): boolean => {
    const parts = evaluate(part as Schema, value);
    for (const key of parts ?? []) evaluated.add(key);
    return parts !== undefined;
  };
  const list = (keyword: string) => (schema[keyword] ?? []) as readonly unknown[];
  if (!simple(schema, value)) return undefined;
  if (list('allOf').filter((part) => !holds(part)).length > 0) return undefined;
  if (schema.anyOf !== undefined && list('anyOf').filter(holds).length === 0) return undefined;
  if (schema.oneOf !== undefined && list('oneOf').filter(holds).length !== 1) return undefined;
  if (schema.not !== undefined && isValid(schema.not as Schema, value)) return undefined;
  if (schema.if !== undefined) {
    const branch = holds(schema.if) ? schema.then : schema.else;
    if (branch !== undefined && !holds(branch)) return undefined;
  }
  if (Array.isArray(value)) return items(schema, value, evaluated) ? evaluated : undefined;
  if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries((schema.dependentSchemas ?? {}) as Values)) {
      if (Object.hasOwn(value, name) && !holds(part)) return undefined;
    }
    return properties(schema, value as Values, evaluated) ? evaluated : undefined;
  }
  return evaluated;
}

/** Keywords without other schemas. */
function simple(schema: Values, value: unknown): boolean {
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  if (types !== undefined && !(types as string[]).some((type) => isOfType(type, value))) return false;
  if ('const' in schema && !isEqual(schema.const, value)) return false;
  if (schema.enum !== undefined && !(schema.enum as unknown[]).some((one) => isEqual(one, value)))
    return false;
  const bound = (keyword: string) => schema[keyword] as number | undefined;
  const isWithin = (size: number, min: string, max: string) =>
    size >= (bound(min) ?? 0) && size <= (bound(max) ?? Number.POSITIVE_INFINITY);
  if (typeof value === 'number') {
    return (
      value >= (bound('minimum') ?? Number.NEGATIVE_INFINITY) &&
      value <= (bound('maximum') ?? Number.POSITIVE_INFINITY) &&
      value > (bound('exclusiveMinimum') ?? Number.NEGATIVE_INFINITY) &&
      value < (bound('exclusiveMaximum') ?? Number.POSITIVE_INFINITY) &&
      (schema.multipleOf === undefined || Number.isInteger(value / bound('multipleOf')!))
    );
  }
  if (typeof value === 'string') {
    const isFound = schema.pattern === undefined || new RegExp(schema.pattern as string, 'u').test(value);
    return isFound && isWithin([...value].length, 'minLength', 'maxLength');
  }
  if (Array.isArray(value)) {
    const isUnique = value.every((one, i) => !value.slice(i + 1).some((other) => isEqual(one, other)));
    return isWithin(value.length, 'minItems', 'maxItems') && (schema.uniqueItems !== true || isUnique);
  }
  if (typeof value === 'object' && value !== null) {
    const hasAll = (names: unknown) =>
      ((names ?? []) as string[]).every((name) => Object.hasOwn(value, name));
    const dependent = Object.entries((schema.dependentRequired ?? {}) as Values);
    return (
      isWithin(Object.keys(value).length, 'minProperties', 'maxProperties') &&
      hasAll(schema.required) &&
      dependent.every(([name, names]) => !Object.hasOwn(value, name) || hasAll(names))
    );
  }
  return true;
}

function items(schema: Values, value: readonly unknown[], evaluated: Set<string>): boolean {
  const prefix = (schema.prefixItems ?? []) as readonly Schema[];
  const passes = (part: unknown, i: number) => {
    evaluated.add(`${i}`);
    return isValid(part as Schema, value[i]);
  };
  for (let i = 0; i < value.length; i++) {
    if (i < prefix.length && !passes(prefix[i], i)) return false;
    if (i >= prefix.length && schema.items !== undefined && !passes(schema.items, i)) return false;
  }
  if (schema.contains !== undefined) {
    const found = value.flatMap((item, i) => (isValid(schema.contains as Schema, item) ? [`${i}`] : []));
    for (const index of found) evaluated.add(index);
    const max = (schema.maxContains ?? Number.POSITIVE_INFINITY) as number;
    if (found.length < ((schema.minContains ?? 1) as number) || found.length > max) return false;
  }
  if (schema.unevaluatedItems === undefined) return true;
  const open = value.map((_, i) => i).filter((i) => !evaluated.has(`${i}`));
  return open.filter((i) => !passes(schema.unevaluatedItems, i)).length === 0;
}

function properties(schema: Values, value: Values, evaluated: Set<string>): boolean {
  const named = (schema.properties ?? {}) as Values;
  const patterns = Object.entries((schema.patternProperties ?? {}) as Values);
  const passes = (part: unknown, name: string) => {
    evaluated.add(name);
    return isValid(part as Schema, value[name]);
  };
  for (const name of Object.keys(value)) {
    if (schema.propertyNames !== undefined && !isValid(schema.propertyNames as Schema, name)) return false;
    const parts = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, part]) => part);
    if (Object.hasOwn(named, name)) parts.push(named[name]);
    if (parts.length === 0 && schema.additionalProperties !== undefined)
      parts.push(schema.additionalProperties);
    if (!parts.every((part) => passes(part, name))) return false;
  }
  if (schema.unevaluatedProperties === undefined) return true;
  const open = Object.keys(value).filter((name) => !evaluated.has(name));
  return open.every((name) => passes(schema.unevaluatedProperties, name));
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const names = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual((a as Values)[name], (b as Values)[name]))
  );
}

import { asText, isEqual, isList, isObject, templateError, type Value } from './values.js';

/** The result of a binary operator on two values, as in Python. Throws `invalid-file`. */
export function operate(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '==':
      return isEqual(left, right);
    case '!=':
      return !isEqual(left, right);
    case '~':
      return asText(left) + asText(right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
  }
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (operator === '+' && isList(left) && isList(right)) return [...left, ...right];
  const areNumbers = typeof left === 'number' && typeof right === 'number';
  const areTexts = typeof left === 'string' && typeof right === 'string';
  if (areNumbers || areTexts) {
    switch (operator) {
      case '<':
        return left < right;
      case '<=':
        return left <= right;
      case '>':
        return left > right;
      case '>=':
        return left >= right;
    }
  }
  if (areNumbers) return calculate(operator, left, right);
  throw templateError(`${operator} cannot be applied to ${kindOf(left)} and ${kindOf(right)}`);
}

function calculate(operator: string, left: number, right: number): number {
  if (right === 0 && (operator === '/' || operator === '//' || operator === '%')) {
    throw templateError('division by zero');
  }
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '//':
      return Math.floor(left / right);
    case '%':
      return left - right * Math.floor(left / right);
    default:
      throw templateError(`there is no operator ${operator}`);
  }
}

function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
  } else if (isList(container)) return container.some((other) => isEqual(other, item));
  else if (isObject(container)) return Object.hasOwn(container, asText(item));
  throw templateError(`in cannot be applied to ${kindOf(item)} and ${kindOf(container)}`);
}

function kindOf(value: Value): string {
  if (value === null) return 'None';
  if (isList(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : isObject(value) ? 'an object' : `a ${typeof value}`;
}

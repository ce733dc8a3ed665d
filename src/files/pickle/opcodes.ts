import type { PickleMachine } from './machine.js';
import { escapedText, quotedText, textFloat, textInteger } from './text_values.js';

type Action = (machine: PickleMachine) => void;

/** The operations of protocols 0 to 5, but for STOP, by their byte: Python's Lib/pickletools.py. */
export const ACTIONS: readonly (Action | undefined)[] = actions({
  // values
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  I: (m) => m.push(parsed(m, textInteger)),
  L: (m) => m.push(parsed(m, textInteger)),
  F: (m) => m.push(parsed(m, textFloat)),
  J: (m) => m.push(m.cursor.i32()),
  K: (m) => m.push(m.cursor.u8()),
  M: (m) => m.push(m.cursor.u16()),
  G: (m) => m.push(m.cursor.f64()),
  '\x8a': (m) => m.push(m.cursor.integer(m.cursor.u8())),
  '\x8b': (m) => m.push(m.cursor.integer(m.cursor.i32())),
  S: (m) => m.make(parsed(m, quotedText)),
  V: (m) => m.make(parsed(m, escapedText)),
  T: (m) => m.make(m.cursor.oldText(m.cursor.u32())),
  U: (m) => m.make(m.cursor.oldText(m.cursor.u8())),
  X: (m) => m.make(m.cursor.text(m.cursor.u32())),
  '\x8c': (m) => m.make(m.cursor.text(m.cursor.u8())),
  '\x8d': (m) => m.make(m.cursor.text(m.cursor.u64())),
  B: (m) => m.make(m.cursor.bytes(m.cursor.u32())),
  C: (m) => m.make(m.cursor.bytes(m.cursor.u8())),
  '\x8e': (m) => m.make(m.cursor.bytes(m.cursor.u64())),
  '\x96': (m) => m.make(m.cursor.bytes(m.cursor.u64())),
  // lists, tuples, dictionaries and sets
  ']': (m) => m.make([]),
  ')': (m) => m.make([]),
  '}': (m) => m.make(new Map()),
  '\x8f': (m) => m.make(new Set()),
  l: (m) => m.make(m.popMark()),
  t: (m) => m.make(m.popMark()),
  d: (m) => m.dictionary(m.popMark()),
  '\x91': (m) => m.make(new Set(m.popMark())),
  '\x85': (m) => m.tuple(1),
  '\x86': (m) => m.tuple(2),
  '\x87': (m) => m.tuple(3),
  a: (m) => m.append([m.pop()]),
  e: (m) => m.append(m.popMark()),
  s: (m) => {
    const value = m.pop();
    m.setItems([m.pop(), value]);
  },
  u: (m) => m.setItems(m.popMark()),
  '\x90': (m) => m.addToSet(m.popMark()),
  // the stack and the memo
  '(': (m) => m.mark(),
  '0': (m) => m.discard(),
  '1': (m) => void m.popMark(),
  '2': (m) => m.push(m.top()),
  p: (m) => m.remember(memoIndex(m)),
  q: (m) => m.remember(m.cursor.u8()),
  r: (m) => m.remember(m.cursor.u32()),
  '\x94': (m) => m.remember(),
  g: (m) => m.recall(memoIndex(m)),
  h: (m) => m.recall(m.cursor.u8()),
  j: (m) => m.recall(m.cursor.u32()),
  // names and calls
  c: (m) => {
    const module = m.cursor.line();
    m.make(m.name(module, m.cursor.line()));
  },
  '\x93': (m) => {
    const name = m.pop();
    m.make(m.name(m.pop(), name));
  },
  R: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  '\x81': (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  '\x92': (m) => {
    m.pop(); // arguments with names, which no type of data needs
    const args = m.pop();
    m.call(m.pop(), args);
  },
  i: (m) => {
    const module = m.cursor.line();
    const type = m.name(module, m.cursor.line());
    m.call(type, m.popMark());
  },
  o: (m) => {
    const [type, ...args] = m.popMark();
    m.call(type, args);
  },
  b: (m) => m.build(),
  P: (m) => m.persistent(m.cursor.line()),
  Q: (m) => m.persistent(m.pop()),
  '\x82': refuse('a name from a registry of extensions'),
  '\x83': refuse('a name from a registry of extensions'),
  '\x84': refuse('a name from a registry of extensions'),
  '\x97': refuse('a buffer outside the pickle'),
  '\x98': () => {}, // a buffer becomes read-only
  // the pickle itself
  '\x80': (m) => {
    const protocol = m.cursor.u8();
    if (protocol > 5) throw m.cursor.error(`protocol ${protocol}, which is unknown; 0 to 5 are read,`);
  },
  '\x95': (m) => m.cursor.expect(m.cursor.u64()),
});

function actions(byCharacter: Readonly<Record<string, Action>>): (Action | undefined)[] {
  const list = new Array<Action | undefined>(256).fill(undefined);
  for (const [character, action] of Object.entries(byCharacter)) list[character.charCodeAt(0)] = action;
  return list;
}

function parsed<T>(machine: PickleMachine, parse: (line: string) => T | undefined): T {
  const { cursor } = machine;
  const line = cursor.line(parse === escapedText || parse === quotedText ? cursor.rest : undefined);
  const value = parse(line);
  if (value === undefined) throw cursor.error(`${JSON.stringify(line.slice(0, 40))} is malformed`);
  return value;
}

function memoIndex(machine: PickleMachine): number {
  const index = parsed(machine, textInteger);
  if (typeof index === 'number' && index >= 0) return index;
  throw machine.cursor.error('an entry of the memo has no number');
}

function refuse(needs: string): Action {
  return (machine) => {
    throw machine.cursor.error(`the pickle needs ${needs}, which is not there,`);
  };
}

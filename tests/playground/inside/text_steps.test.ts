import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TextSteps } from '../../../src/playground/inside/text_steps.js';

const typed = (timeStamp: number) => ({ inputType: 'insertText', timeStamp }) as InputEvent;

test('typing is one step to undo, and each token another one', () => {
  const steps = new TextSteps('A');
  assert.equal(steps.current, { text: 'A', caret: 1 });
  steps.edit('Ab', 2, typed(0), 1);
  steps.edit('Abc', 3, typed(10), 2);
  steps.add({ text: 'Abc d', caret: 5, ids: [1, 2] });
  steps.add({ text: 'Abc d e', caret: 7, ids: [1, 2, 3] });
  const seen = [];
  for (; steps.canUndo; steps.step('undo')) seen.push(steps.current.text);
  assert.equal(seen, ['Abc d e', 'Abc d', 'Abc']);
  assert.is(steps.current.text, 'A');
  steps.step('redo');
  steps.step('redo');
  assert.equal(steps.current.ids, [1, 2]);
});

test('tokens that were drawn are forgotten where the caret is elsewhere, and with another model', () => {
  const steps = new TextSteps('A');
  steps.add({ text: 'A b', caret: 3, ids: [1, 2] });
  assert.is(steps.moveCaret(3), false);
  assert.equal(steps.current.ids, [1, 2]);
  steps.forgetTokens();
  assert.is(steps.current.ids, undefined);
  steps.add({ text: 'A b c', caret: 5, ids: [1, 2, 3] });
  assert.is(steps.moveCaret(1), true);
  assert.equal(steps.current, { text: 'A b c', caret: 1 });
  assert.ok(steps.canUndo);
});

test.run();

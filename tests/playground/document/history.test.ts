import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { History } from '../../../src/playground/document/history.js';
import { TypingSteps } from '../../../src/playground/document/typing_steps.js';

const history = suite('history of a document');
const fresh = (most?: number) => new History<string>('', (text) => text.length, most);

history('goes back and forth, and forgets what was undone when something new is added', () => {
  const versions = fresh();
  for (const text of ['a', 'ab', 'abc']) versions.add(text);
  assert.not(versions.canRedo);
  versions.undo();
  versions.undo();
  assert.is(versions.current, 'a');
  versions.redo();
  assert.is(versions.current, 'ab');
  versions.add('abX');
  assert.not(versions.canRedo);
  versions.redo();
  assert.is(versions.current, 'abX');
  for (let i = 0; i < 9; i++) versions.undo();
  assert.is(versions.current, '');
  assert.not(versions.canUndo);
});

history('a version in place of the current one is no step, but the first version is never replaced', () => {
  const versions = fresh();
  versions.add('a', true);
  versions.add('ab', true);
  versions.undo();
  assert.is(versions.current, '');
  versions.redo();
  assert.is(versions.current, 'ab');
});

history('the oldest versions go if all are too long; the last step stays', () => {
  const versions = fresh(10);
  for (const text of ['1234', '123456', '12345678']) versions.add(text);
  versions.undo();
  assert.is(versions.current, '123456');
  assert.not(versions.canUndo);
});

history('1000 steps can be undone, however short the versions are', () => {
  const versions = fresh();
  for (let i = 0; i < 1500; i++) versions.add('');
  versions.add('last');
  let steps = 0;
  for (; versions.canUndo; steps++) versions.undo();
  assert.is(steps, 1000);
  for (let i = 0; i < steps; i++) versions.redo();
  assert.is(versions.current, 'last');
});

history('amending changes versions without a step', () => {
  const versions = fresh();
  versions.add('a');
  versions.amend('A');
  versions.amendAll((text) => `${text}!`);
  assert.is(versions.current, 'A!');
  versions.undo();
  assert.is(versions.current, '!');
});

const event = (inputType: string, timeStamp: number) => ({ inputType, timeStamp }) as InputEvent;

history('typing at one place without a pause is one step; anything between begins another', () => {
  const typing = new TypingSteps();
  assert.not(typing.joins(event('insertText', 0), 0, 1));
  assert.ok(typing.joins(event('insertText', 500), 1, 2));
  assert.ok(typing.joins(event('insertCompositionText', 600), 2, 3));
  assert.not(typing.joins(event('insertText', 2000), 3, 4), 'a pause');
  assert.not(typing.joins(event('insertText', 2100), 0, 1), 'another place');
  assert.not(typing.joins(event('deleteContentBackward', 2200), 1, 0), 'deleting');
  assert.not(typing.joins(event('insertFromPaste', 2300), 0, 9), 'pasting');
  assert.not(typing.joins(event('insertText', 2400), 9, 10), 'after pasting');
  typing.end();
  assert.not(typing.joins(event('insertText', 2500), 10, 11), 'after something else');
});

history.run();

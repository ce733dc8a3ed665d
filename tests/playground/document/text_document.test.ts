import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TextDocument } from '../../../src/playground/document/text_document.js';

/** A document whose end a generation wrote: The robot|er */
function generated(): TextDocument {
  const document = new TextDocument();
  document.edit('The robot', false);
  const span = { from: 9, to: 11, hasEnded: false };
  document.addGenerated({ text: 'The roboter', tokens: [] }, 9, span);
  return document;
}

test('generated text that is replaced is gone, also if the new text ends with the same characters', () => {
  const pasted = 'Lily and her mother';
  const document = generated();
  assert.not(document.isTyped(11));
  document.edit(pasted, false, pasted.length);
  assert.ok(document.isTyped(pasted.length));
  assert.is(document.latest, undefined);
});

test('generated text behind an edit stays generated', () => {
  const document = generated();
  document.edit('A roboter', false, 1);
  assert.equal(document.latest, { from: 7, to: 9, hasEnded: false });
});

test.run();

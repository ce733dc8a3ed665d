import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chatLoop } from '../../../src/cli/chatting/chat_loop.js';
import type { Dialogue } from '../../../src/cli/chatting/dialogue.js';
import { PipedLines } from '../../../src/cli/chatting/lines.js';
import { ChoicesFile } from '../../../src/cli/users/choices_file.js';
import { loadModel } from '../../../src/index.js';
import { dialogueWith } from '../../support/chat_dialogue.js';
import { inFolder } from '../../support/in_folder.js';
import { storiesTiny } from '../../support/stories_tiny.js';

const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => model.dispose());

const newDialogue = (): Dialogue => dialogueWith(model, { maxTokens: 6 });

/** Chats with lines, and gives what was noted. */
async function chat(lines: readonly string[], file: ChoicesFile | undefined, dialogue = newDialogue()) {
  const notes: string[] = [];
  const isRight = await chatLoop({
    ...{ dialogue, prompt: '', signal: new AbortController().signal, onChange: async () => {} },
    choices: file && { file, model: 'tiny' },
    lines: new PipedLines(Readable.from([Buffer.from(lines.join('\n'))])),
    output: { note: (line) => notes.push(line), write: async () => {}, async end() {} },
  });
  return { notes, isRight };
}

const inChoices = (check: (file: ChoicesFile) => Promise<void>) =>
  inFolder({}, (folder) => check(new ChoicesFile(join(folder, 'choices.jsonl'))));

test('a thumb keeps the messages that were read and the answer; another thumb replaces it', () =>
  inChoices(async (file) => {
    const dialogue = newDialogue();
    await chat(['/system Be kind.', 'Hello', 'Who?', '/good'], file, dialogue);
    const [first, second] = dialogue.state.exchanges;
    const prompt = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: first!.answer },
      { role: 'user', content: 'Who?' },
    ];
    const [good] = await file.read();
    assert.equal(
      { ...good, time: '' },
      { prompt, completion: second!.answer, label: true, model: 'tiny', time: '' },
    );
    assert.ok(Math.abs(Date.parse(good!.time!) - Date.now()) < 600_000);
    const { notes, isRight } = await chat(['/bad', '/bad'], file, dialogue);
    assert.equal([notes, isRight], [Array(2).fill('kept: the answer is bad'), true]);
    assert.equal(
      (await file.read()).map((choice) => 'label' in choice && choice.label),
      [false],
    );
  }));

test('the preferred of several answers is kept beside each other one, and the dialogue goes on with it', () =>
  inChoices(async (file) => {
    const dialogue = newDialogue();
    await chat(['Hello', '/retry', '/retry'], file, dialogue);
    const { answers, prompt } = dialogue.last!;
    assert.is(new Set(answers).size, 3);
    assert.is(dialogue.state.exchanges[0]!.answer, answers[2]);
    const { notes } = await chat(['/prefer', '/prefer 1'], file, dialogue);
    assert.equal(
      notes[0]!.split('\n').map((line) => line.slice(0, 3)),
      ['1  ', '2  ', '3  '],
    );
    assert.equal(
      (await file.read()).map(
        (choice) => 'chosen' in choice && [choice.prompt, choice.chosen, choice.rejected],
      ),
      [
        [prompt, answers[0], answers[1]],
        [prompt, answers[0], answers[2]],
      ],
    );
    // Asking again gives a fourth answer.
    assert.equal(dialogue.state.exchanges, [{ user: 'Hello', answer: answers[0], tries: 2 }]);
    await chat(['/retry'], file, dialogue);
    assert.equal(dialogue.last!.answers.slice(0, 3), answers);
    assert.is(dialogue.state.exchanges[0]!.tries, 3);
  }));

test('choices are listed with their numbers, and deleted', () =>
  inChoices(async (file) => {
    await file.add([
      { prompt: 'Once\u001b[2J', completion: ' upon', label: true, time: '2026-01-31T00:00:00Z' },
      { prompt: [{ role: 'user', content: 'Hi' }], chosen: 'A', rejected: 'B' },
    ]);
    const { notes } = await chat(['/choices', '/forget 1', '/choices', '/forget all', '/choices'], file);
    const [listed, deleted, rest, all, none] = notes;
    assert.match(
      listed!,
      /^1 {2}2026-01-31 {2}Once.* -> good: ·upon\n2 {2} {12}Hi -> A, better than B\n2 choices in /,
    );
    assert.not.ok(listed!.includes('\u001b'));
    assert.match(deleted!, /^deleted: Once/);
    assert.match(rest!, /^1 {2} {12}Hi -> A, better than B\n1 choice in /);
    assert.is(all, 'deleted 1 choice');
    assert.match(none!, /^0 choices in /);
    assert.not.ok(existsSync(file.path));
  }));

test('what cannot be kept is told, and the chat goes on', () =>
  inChoices(async (file) => {
    const alone = await chat(['/good', '/choices', 'Hello'], undefined);
    assert.equal([alone.isRight, alone.notes.length], [false, 2]);
    assert.match(
      alone.notes[0]!,
      'error: /good needs a user, whose choices are kept; begin the chat with --user NAME',
    );
    const lines = [
      '/good',
      'Hello',
      '/prefer 1',
      '/retry',
      '/prefer 0',
      '/prefer 3',
      '/prefer x',
      '/forget 1',
    ];
    const { notes } = await chat(lines, file);
    assert.equal(notes, [
      'error: there is no answer to judge; write a message first',
      'error: there is one answer to prefer; /retry writes another one',
      'error: /prefer has "0" after it; it must be a number from 1 to 2',
      'error: /prefer has "3" after it; it must be a number from 1 to 2',
      'error: /prefer has "x" after it; it must be a number from 1 to 2',
      'error: /forget has "1" after it; there is none',
    ]);
    assert.equal(await file.read(), []);
    writeFileSync(file.path, '{\n');
    const damaged = await chat(['Hello', '/good', '/choices'], file);
    assert.equal(
      damaged.notes.map((note) => /^error: .*choices\.jsonl line 1/.test(note)),
      [true, true],
    );
  }));

test.run();

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ChatOutput, chatLoop } from '../../../src/cli/chatting/chat_loop.js';
import type { Dialogue } from '../../../src/cli/chatting/dialogue.js';
import { type Lines, PipedLines, TerminalLines } from '../../../src/cli/chatting/lines.js';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { dialogueWith } from '../../support/chat_dialogue.js';
import { inFolder } from '../../support/in_folder.js';
import { until } from '../../support/until.js';

const model = await loadModel(embeddedModel, { build: 'simd', contextLength: 128 });
test.after(() => model.dispose());

interface Chatted {
  readonly dialogue: Dialogue;
  readonly isRight: boolean;
  readonly answers: string[];
  readonly notes: string[];
}

/** Chats with lines; `onText` sees each piece of an answer. */
async function chat(
  lines: Lines,
  {
    dialogue,
    onText,
    maxTokens = 6,
  }: { dialogue?: Dialogue; onText?: () => void | Promise<void>; maxTokens?: number } = {},
): Promise<Chatted> {
  const own = dialogue ?? dialogueWith(model, { maxTokens, temperature: 0 });
  const answers: string[] = [];
  const notes: string[] = [];
  let text = '';
  const output: ChatOutput = {
    note: (line) => notes.push(line),
    async write(piece) {
      text += piece;
      await onText?.();
    },
    async end(answer) {
      if (answer !== undefined) answers.push(text);
      text = '';
    },
  };
  const { signal } = new AbortController();
  const isRight = await chatLoop({
    ...{ dialogue: own, lines, output, prompt: '> ', signal, onChange: async () => {} },
  });
  return { dialogue: own, isRight, answers, notes };
}

const typed = (...lines: string[]) => new PipedLines(Readable.from([Buffer.from(lines.join('\n'))]));

test('each line is a message, blank ones are not, and answers are shown as they come', async () => {
  let pieces = 0;
  const { dialogue, answers, isRight } = await chat(typed('Hi', '', '  ', ' /not a command'), {
    onText() {
      pieces++;
    },
  });
  assert.equal(
    dialogue.state.exchanges.map(({ user }) => user),
    ['Hi', ' /not a command'],
  );
  assert.equal(
    answers.map((text) => text.trim()),
    dialogue.state.exchanges.map(({ answer }) => answer),
  );
  assert.ok(pieces > 2 && isRight);
});

test('commands change the dialogue', async () => {
  const { dialogue, notes, isRight } = await chat(
    typed('/system Be kind.', 'a', 'b', '/undo', '/undo', '/undo', '/retry', 'c', '/retry', '/help'),
  );
  const { system, exchanges } = dialogue.state;
  assert.equal([system, exchanges.map(({ user, tries }) => [user, tries])], ['Be kind.', [['c', 1]]]);
  assert.equal(notes.slice(0, 5), [
    'the system message is set',
    'took back: b',
    'took back: a',
    'there is no message to take back',
    'there is no message to answer again',
  ]);
  for (const name of [
    '/help',
    '/reset',
    '/save FILE',
    '/load FILE',
    '/system TEXT',
    '/undo',
    '/retry',
    '/exit',
  ]) {
    assert.match(notes.at(-1)!, new RegExp(`^${name} `, 'm'));
  }
  assert.ok(isRight);
  const reset = await chat(typed('/reset', '/system'), { dialogue });
  assert.equal(reset.dialogue.state, { system: undefined, seed: 0, exchanges: [] });
});

test('/exit ends; what is wrong is said, and the chat goes on', async () => {
  const { dialogue, notes, isRight } = await chat(
    typed(
      '/foo bar',
      `/${'\u001b'.repeat(9)}`,
      '/',
      '/constructor',
      '/undo 3',
      '/save',
      '/load no/such/file',
      'a',
      '/exit',
      'b',
    ),
  );
  assert.is(dialogue.state.exchanges.length, 1);
  assert.not.ok(isRight);
  assert.is(notes.length, 7);
  for (const note of notes.slice(0, 4)) {
    assert.match(note, /^error: there is no \/\S*; there are \/help, \/reset, .*\/exit/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it must not reach the terminal.
    assert.not.match(note, /\u001b/);
  }
  assert.is(notes[4]!, 'error: /undo has nothing after it; write /undo alone');
  assert.match(notes[5]!, 'error: /save needs a file: /save FILE');
  assert.match(notes[6]!, /^error: no\/such\/file cannot be read/);
});

test('a dialogue is saved, not over another file, and loaded again', () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'my chat.jsonl');
    const { dialogue } = await chat(typed('/system Be "kind".', 'a\\', 'b', `/save ${path}`));
    const { exchanges } = dialogue.state;
    const [line, rest] = readFileSync(path, 'utf8').split('\n');
    assert.is(rest, '');
    const { answer } = exchanges[0]!;
    assert.equal(JSON.parse(line!), {
      messages: [
        { role: 'system', content: 'Be "kind".' },
        { role: 'user', content: 'a\nb' },
        { role: 'assistant', content: answer },
      ],
      text: `Be "kind".\n\nUser: a\nb\nAssistant: ${answer}\n`,
    });
    const again = await chat(typed(`/load ${path}`, 'more', `/save ${path}`));
    assert.equal(again.notes.slice(0, 1), [`1 answer from ${path}`]);
    assert.match(again.notes[1]!, 'exists already; /save! FILE overwrites it');
    assert.equal(again.dialogue.state.exchanges.slice(0, 1), exchanges);
    await chat(typed(`/save! ${path}`), { dialogue: again.dialogue });
    assert.is(JSON.parse(readFileSync(path, 'utf8')).messages.length, 5);
    assert.not.ok(existsSync(`${path}.unfinished`));
    // It continues as the dialogue that was saved does.
    const more = await chat(typed('more'), { dialogue });
    assert.is(more.answers[0], again.answers[0]);
  }));

test('a file that is no dialogue is refused, and the dialogue stays', () =>
  inFolder({}, async (folder) => {
    const path = join(folder, 'damaged.jsonl');
    const user = '{"role":"user","content":"a"}';
    const answer = '{"role":"assistant","content":"b"}';
    const files: [content: string | Uint8Array, message: RegExp][] = [
      ['{"messages":', /line 1/],
      [Uint8Array.of(0xff), /not UTF-8/],
      ['{"messages":5}', /messages that are no array/],
      [`{"messages":[${user}]}`, /up to an answer/],
      [`{"messages":[${answer},${user}]}`, /in turns/],
      [`{"messages":[${user},${user}]}`, /in turns/],
      [`{"messages":[${user},{"role":"system","content":"c"}]}`, /in turns/],
      ['{"messages":[{"role":"user","content":5}]}', /message 1/],
      ['{"messages":[null]}', /message 1/],
      [`{"messages":[${user},${answer}]}\n{"messages":[]}`, /2 dialogues/],
      ['5\n6', /message 1/],
      ['['.repeat(100_000), /line 1/],
      [`${user}\n${answer}\n`.repeat(10_001), /more than 10000 answers/],
      [' '.repeat(2 ** 24 + 1), /at most 16777216/],
    ];
    const { dialogue } = await chat(typed('Hi'));
    const before = dialogue.state;
    for (const [content, message] of files) {
      writeFileSync(path, content);
      const { notes, isRight } = await chat(typed(`/load ${path}`), { dialogue });
      assert.match(notes[0]!, message, String(content).slice(0, 80));
      assert.match(notes[0]!, /^error: /);
      assert.not.ok(isRight);
      assert.equal(dialogue.state, before);
    }
    // A device may have no end.
    for (const wrong of [devNull, folder]) {
      const { notes } = await chat(typed(`/load ${wrong}`), { dialogue });
      assert.match(notes[0]!, /^error: .* is no file; give the path of a saved dialogue$/);
    }
    // A message in each line is a dialogue too, and so is an empty file.
    writeFileSync(path, `\n${user}\n${answer}\n`);
    await chat(typed(`/load ${path}`), { dialogue });
    assert.equal(dialogue.state.exchanges, [{ user: 'a', answer: 'b', tries: 0 }]);
    writeFileSync(path, '');
    await chat(typed(`/load ${path}`), { dialogue });
    assert.equal(dialogue.state.exchanges, []);
  }));

test('a message that does not fit the context is refused, and the next one is answered', async () => {
  const { dialogue, notes, isRight } = await chat(typed('word '.repeat(300), 'Hi'));
  assert.match(notes[0]!, "error: the message does not fit the model's context of 128 tokens");
  assert.is(dialogue.state.exchanges.length, 1);
  assert.not.ok(isRight);
});

/** A terminal, and a way to press Ctrl-C whose effect is there once it resolves. */
function terminal() {
  const [keys, screen] = [new PassThrough(), new PassThrough()];
  let prompts = 0;
  screen.setEncoding('utf8').on('data', (text: string) => {
    prompts += text.split('> ').length - 1;
  });
  const lines = new TerminalLines(keys, screen, []);
  const press = async (text: string) => {
    keys.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { lines, press, prompts: () => prompts };
}

test('in a terminal, Ctrl-C stops an answer, which is kept; then it ends, as it does when pressed twice', async () => {
  for (const ctrlC of ['\u0003', '\u0003\u0003']) {
    const { lines, press, prompts } = terminal();
    let pieces = 0;
    const ending = chat(lines, {
      maxTokens: 100,
      async onText() {
        if (pieces++ === 2) await press(ctrlC);
      },
    });
    await press('Tell me a story.\r');
    if (ctrlC.length === 1) {
      await until(() => pieces > 2 && prompts() > 1);
      await press(ctrlC);
    }
    const { dialogue, answers } = await ending;
    const [exchange] = dialogue.state.exchanges;
    assert.is(exchange!.answer, answers[0]!.trim());
    assert.ok(pieces <= 4, `${pieces} pieces`);
    lines.close();
  }
});

test('a signal ends the answer, keeps it, and ends the chat', async () => {
  const controller = new AbortController();
  const dialogue = dialogueWith(model, { maxTokens: 100, temperature: 0 });
  const saved: number[] = [];
  await chatLoop({
    dialogue,
    lines: typed('Tell me a story.', 'more'),
    prompt: '',
    signal: controller.signal,
    output: { note() {}, write: async () => controller.abort(), async end() {} },
    onChange: async () => void saved.push(dialogue.state.exchanges.length),
  });
  assert.equal(saved, [1]);
});

test.run();

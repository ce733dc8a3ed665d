import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { BUILDS } from '../support/relaxed.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const compiled = (build: string) =>
  WebAssembly.compile(readFileSync(new URL(`../../build/wasm/${build}.wasm`, import.meta.url)));

test('a compiled module runs, and is known for the build it is', async () => {
  for (const build of BUILDS) {
    const module = await compiled(build);
    for (const options of [{ module }, { module, build: 'auto' }, { module, build }] as const) {
      const model = await loadModel(storiesTiny, options);
      assert.is(model.runtime.build, build);
      assert.is((await model.generate('Once', { maxTokens: 2 })).tokens.length, 2);
      model.dispose();
    }
  }
});

test('a module is used where the runtime compiles nothing', async () => {
  const module = await compiled('simd');
  const { compile, Module } = WebAssembly;
  const refuse = () => {
    throw new WebAssembly.CompileError('code generation is not allowed');
  };
  Object.assign(WebAssembly, {
    compile: async () => refuse(),
    Module: new Proxy(Module, { construct: refuse }),
  });
  try {
    for (const weights of ['f32', 'q8'] as const) {
      const model = await loadModel(storiesTiny, { module, weights });
      assert.is(model.runtime.build, 'simd');
      model.dispose();
    }
    await thrown(() => loadModel(storiesTiny, { weights: 'q8' }), 'runtime', /simd\.wasm.*module/);
  } finally {
    Object.assign(WebAssembly, { compile, Module });
  }
});

test('other modules, and a build that the module is not, are refused', async () => {
  const module = await compiled('simd');
  const other = await WebAssembly.compile(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  for (const wrong of [other, {}, 'simd.wasm', null]) {
    await thrown(() => loadModel(storiesTiny, { module: wrong as never }), 'invalid-option', /^module is/);
  }
  await thrown(() => loadModel(storiesTiny, { module, build: 'relaxed' }), 'invalid-option', /build is/);
});

test.run();

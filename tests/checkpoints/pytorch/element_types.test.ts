import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { typeOfDtype, typeOfStorage } from '../../../src/checkpoints/pytorch/element_types.js';

/** Names of PyTorch's number formats, of their old storages, and of safetensors (its `torch.py`), with bytes. */
const NAMES = `
  float64 DoubleStorage F64 8
  float32 FloatStorage F32 4
  float16 HalfStorage F16 2
  bfloat16 BFloat16Storage BF16 2
  int64 LongStorage I64 8
  int32 IntStorage I32 4
  int16 ShortStorage I16 2
  int8 CharStorage I8 1
  uint8 ByteStorage U8 1
  bool BoolStorage BOOL 1
  complex64 ComplexFloatStorage C64 8
  float8_e4m3fn - F8_E4M3 1
  float8_e5m2 - F8_E5M2 1
  uint16 - U16 2
  uint32 - U32 4
  uint64 - U64 8`;

test('number formats have the names and sizes of PyTorch and safetensors', () => {
  for (const line of NAMES.trim().split('\n')) {
    const [torch, storage, dtype, bytes] = line.trim().split(' ') as [string, string, string, string];
    const type = { dtype, bytes: Number(bytes) };
    assert.equal(typeOfDtype('torch', torch), type, torch);
    if (storage === '-') continue;
    for (const module of ['torch', 'torch.cuda', 'torch.storage'])
      assert.equal(typeOfStorage(module, storage), type, `${module}.${storage}`);
  }
});

test('other names are no number formats', () => {
  for (const name of ['', 'FloatStorag', 'float32', 'NewStorage', 'UntypedStorages', 'AnUntypedStorage'])
    assert.is(typeOfStorage('torch', name), undefined, name);
  for (const module of ['', 'torch.other', 'mytorch', 'torch.cuda.x'])
    assert.is(typeOfStorage(module, 'FloatStorage'), undefined, module);
  for (const name of ['', 'float', 'FloatStorage']) assert.is(typeOfDtype('torch', name), undefined, name);
  assert.is(typeOfDtype('numpy', 'float32'), undefined);
});

test('storages without a type count bytes', () => {
  for (const name of ['UntypedStorage', '_UntypedStorage'])
    assert.equal(typeOfStorage('torch', name), { dtype: 'U8', bytes: 1 });
});

test.run();

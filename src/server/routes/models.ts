import { noSuchModel } from '../models/served_models.js';
import type { Call, Route } from '../route.js';

const modelObject = (id: string, { started }: Call) => ({
  ...{ id, object: 'model', created: started, owned_by: 'gpt2-wasm' },
});

/** The served models. */
export const models: Route = {
  method: 'GET',
  path: '/v1/models',
  answer: (call) =>
    Response.json({ object: 'list', data: call.models.names.map((name) => modelObject(name, call)) }),
};

/** One of them. Names may have slashes. */
export const model: Route = {
  method: 'GET',
  path: '/v1/models/:model{.+}',
  answer: (call) => {
    const name = call.param('model')!;
    const { names } = call.models;
    if (!names.includes(name)) throw noSuchModel(name, names);
    return Response.json(modelObject(name, call));
  },
};

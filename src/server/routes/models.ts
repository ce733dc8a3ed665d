import { show } from '../../base/check_options.js';
import { ApiError } from '../api_error.js';
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
    if (!call.models.names.includes(name)) {
      throw new ApiError(404, `the model ${show(name)} does not exist`, {
        param: 'model',
        code: 'model_not_found',
      });
    }
    return Response.json(modelObject(name, call));
  },
};

import type { Route } from '../route.js';

/** The settings of a model's tokenizer, in the form of tokenizer_config.json. `?model=NAME` chooses the model. */
export const tokenizerInfo: Route = {
  method: 'GET',
  path: '/tokenizer_info',
  async answer({ param, models }) {
    const { model } = await models.get(param('model'));
    const { 'tokenizer_config.json': settings, 'chat_template.jinja': chatTemplate } =
      model.tokenizer.files();
    const info = JSON.parse(settings!) as object;
    return Response.json(chatTemplate === undefined ? info : { ...info, chat_template: chatTemplate });
  },
};

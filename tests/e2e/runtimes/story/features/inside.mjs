/** Numbers of all layers and logits of a text, and a text, with a changed head. */
export async function inside({ model, draw, traceModule }) {
  const read = ['blocks.*.hook_resid_post', 'blocks.*.attn.hook_pattern'];
  const edit = [{ hook: 'blocks.1.attn.hook_z', heads: [2], op: 'scale', value: 0.5 }];
  const { values, logits } = await model.trace(draw.text(2), { read, edit, module: traceModule });
  return { values, logits };
}

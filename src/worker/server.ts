import { type CallHandlers, ModelServer } from './model_server.js';
import { type CallMessage, type CallName, type ServerPort, toWire } from './protocol.js';

/** Loads and runs one model, alone and with adapters, for the owner at the other end of the port. */
export function serveModel(port: ServerPort): void {
  const server = new ModelServer(port);
  port.listen(async (message) => {
    const call = Object(message);
    const { id } = call;
    try {
      const value = await answer(server, call);
      const transfer = ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : [];
      port.send({ id, value, runtime: server.runtime }, transfer);
    } catch (error) {
      port.send({ id, error: toWire(error) });
    }
  });
}

function answer<K extends CallName>(server: CallHandlers, { id, call, args }: CallMessage<K>) {
  return server[call](...args, id);
}

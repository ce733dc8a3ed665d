// `node --import tests/support/only_this_machine.mjs ...` ends a process that connects to another machine, and says to
// which: nothing is asked for that a test has not served itself. Names that end in `.invalid` lead nowhere.
import { writeSync } from 'node:fs';
import net from 'node:net';

const OWN = /^(?:127(?:\.\d+){3}|(?:.+\.)?localhost|(?:.+\.)?invalid|::1|::ffff:127(?:\.\d+){3})$/;

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  // Node's own callers give the arguments as one list.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const { host, path } = typeof first === 'object' ? first : { host: second, path: Number.isNaN(+first) };
  if (!path && typeof host === 'string') check(host);
  return connect.apply(this, args);
};

function check(host) {
  if (OWN.test(host.toLowerCase())) return;
  writeSync(2, `this process asked ${host}\n${new Error('of here').stack}\n`);
  // A thread would end alone by `process.exit`.
  process.kill(process.pid, 'SIGKILL');
}

// The parts of answers that are compared: all but ids and times.

/** The comparable part of a whole answer. */
export function wholeOf({ choices, ...rest }) {
  if (choices === undefined) return rest;
  return choices.map(({ index, text, message, logprobs, finish_reason }) => ({
    ...{ index, finish_reason, text: text ?? message.content ?? '' },
    calls: message?.tool_calls?.map((call) => call.function.arguments).join() ?? '',
    // A stream of no tokens has no list.
    logprobs: logprobs?.content?.length === 0 ? undefined : (logprobs ?? undefined),
  }));
}

/** The same of the events of a stream. */
export function foldedOf(events) {
  const byIndex = [];
  for (const { index, text, delta, logprobs, finish_reason } of events.flatMap(({ choices }) => choices)) {
    byIndex[index] ??= { index, finish_reason: null, text: '', calls: '', logprobs: undefined };
    const choice = byIndex[index];
    choice.text += text ?? delta.content ?? '';
    choice.calls += delta?.tool_calls?.map((call) => call.function.arguments).join('') ?? '';
    choice.finish_reason ??= finish_reason;
    if (logprobs) choice.logprobs = joined(choice.logprobs, logprobs);
  }
  return byIndex;
}

/** Lists of log-probabilities, entry by entry. */
function joined(lists, more) {
  if (lists === undefined) return more;
  return Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [
      name,
      Array.isArray(list) ? [...list, ...more[name]] : list,
    ]),
  );
}

/** Whether the choices of a stream that ended early are beginnings of the whole ones. */
export function isBeginning(part, whole) {
  return part
    .filter(Boolean)
    .every(
      ({ index, text, calls }) => whole[index].text.startsWith(text) && whole[index].calls.startsWith(calls),
    );
}

import { Gpt2Error } from '../base/errors.js';

/**
 * Fetches and compiles a binary of the package. It is compiled while it arrives if its type is
 * application/wasm. Throws `not-found`, `network` and the errors of compiling.
 */
export async function compileResponse(name: string, address: () => URL): Promise<WebAssembly.Module> {
  let url: URL;
  let response: Response;
  try {
    url = address();
    response = await fetch(url);
  } catch (cause) {
    throw new Gpt2Error('not-found', `${name} cannot be fetched: ${(cause as Error).message}; ${ADVICE}`, {
      cause,
    });
  }
  if (!response.ok) {
    throw new Gpt2Error('not-found', `${url} is not there (status ${response.status}); ${ADVICE}`);
  }
  try {
    if (response.headers.get('content-type') === 'application/wasm') {
      return await WebAssembly.compileStreaming(response);
    }
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    if ((cause as Error).name === 'CompileError') throw cause;
    throw new Gpt2Error('network', `${url} cannot be fetched: ${(cause as Error).message}`, { cause });
  }
}

const ADVICE = 'serve gpt2-wasm/wasm/ beside the script, or pass loadModel a module compiled from it';

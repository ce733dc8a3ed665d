import { Gpt2Error } from '../errors.js';

/** Fetches and compiles a file of the package, while it arrives where the server calls it application/wasm. */
export async function compileResponse(url: URL): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new Gpt2Error('not-found', `${url} cannot be fetched: ${(cause as Error).message}; ${ADVICE}`, {
      cause,
    });
  }
  if (!response.ok) {
    throw new Gpt2Error('not-found', `${url} is not there (status ${response.status}); ${ADVICE}`);
  }
  if (response.headers.get('content-type') === 'application/wasm') {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

const ADVICE = 'serve gpt2-wasm/wasm/ beside the script, or pass loadModel a module compiled from it';

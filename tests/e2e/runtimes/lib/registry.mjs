import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';

/**
 * A registry of this machine that has one package, the packed file, as if it were published, and sends clients to npm's
 * registry for all others.
 */
export async function startRegistry(manifest, file) {
  const bytes = readFileSync(file);
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const shasum = createHash('sha1').update(bytes).digest('hex');
  const { name, version } = manifest;
  const server = createServer(({ url: path }, response) => {
    if (path === `/-/${basename(file)}`) return response.end(bytes);
    if (path !== `/${name}`) {
      response.writeHead(302, { location: `https://registry.npmjs.org${path}` });
      return response.end();
    }
    const dist = { tarball: `${url}/-/${basename(file)}`, integrity, shasum };
    const versions = { [version]: { ...manifest, dist } };
    const time = { created: new Date(0).toISOString(), [version]: new Date(0).toISOString() };
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions, time }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, close: () => server.close() };
}

// npm run test:examples: runs each example with the packed package, and compares its text with that of Node
// for the same seed.
import { installRuntimes } from './lib/app.mjs';
import { testAdventure } from './lib/examples/adventure.mjs';
import { testBrowserPage } from './lib/examples/browser_page.mjs';
import { testCloudflareWorker } from './lib/examples/cloudflare_worker.mjs';
import { testNodeServer } from './lib/examples/node_server.mjs';
import { copyExamples } from './lib/examples/projects.mjs';
import { testVite } from './lib/examples/vite.mjs';

installRuntimes();
copyExamples();

let failed = 0;
console.log('| example | what | text |\n| --- | --- | --- |');
for (const test of [testNodeServer, testBrowserPage, testVite, testCloudflareWorker, testAdventure]) {
  await test(report).catch((error) => report(test.name, 'starting it', { problem: error.message }));
}
process.exit(failed === 0 ? 0 : 1);

/** Prints one line of the table. `got` must be `wanted`. */
function report(example, what, { got, wanted, problem }) {
  const isSame = problem === undefined && got === wanted;
  if (!isSame) failed++;
  const differs = `NOT as in Node: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`;
  console.log(`| ${example} | ${what} | ${problem ?? (isSame ? 'as in Node' : differs)} |`);
}

// npm run test:examples: runs each example with the packed package, and compares its text with that of Node
// for the same seed.
import { installRuntimes } from './lib/app.mjs';
import { testAdventure } from './lib/examples/adventure.mjs';
import { testBrowserPage } from './lib/examples/browser_page.mjs';
import { testCloudflareWorker } from './lib/examples/cloudflare_worker.mjs';
import { testNodeServer } from './lib/examples/node_server.mjs';
import { copyExamples } from './lib/examples/projects.mjs';
import { testCaptions, testSounds, testVideoCaptions } from './lib/examples/training.mjs';
import { testVite } from './lib/examples/vite.mjs';

installRuntimes();
copyExamples();

let failed = 0;
console.log('| example | what | text |\n| --- | --- | --- |');
const TESTS = [
  ...[testNodeServer, testBrowserPage, testVite, testCloudflareWorker, testAdventure],
  ...[testCaptions, testSounds, testVideoCaptions],
];
// Words on the command line select the tests whose names have one, such as "captions".
const words = process.argv.slice(2);
for (const test of TESTS) {
  if (words.length > 0 && !words.some((word) => test.name.toLowerCase().includes(word))) continue;
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

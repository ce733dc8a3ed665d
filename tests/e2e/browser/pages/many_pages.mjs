/** Opens `count` pages in frames, some at a time, and gives the message of each. */
export async function run({ count, together }) {
  const told = [];
  const openPages = async () => {
    while (count-- > 0) told.push(await openPage());
  };
  await Promise.all(Array.from({ length: together }, openPages));
  return told;
}

async function openPage() {
  const frame = document.createElement('iframe');
  frame.src = '/tests/e2e/browser/pages/blank.html';
  const loaded = new Promise((resolve) => {
    frame.onload = resolve;
  });
  document.body.append(frame);
  await loaded;
  const script = frame.contentDocument.createElement('script');
  script.type = 'module';
  script.src = '/tests/e2e/browser/pages/frame.mjs';
  const told = new Promise((resolve) => {
    const hear = ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      removeEventListener('message', hear);
      resolve(data);
    };
    addEventListener('message', hear);
  });
  frame.contentDocument.body.append(script);
  const data = await told;
  frame.remove();
  return data;
}

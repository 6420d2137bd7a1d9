// The services of relay.py on Node. usage: node relay.js LOG HOST [HOW=URL]...
// With RANDOM_MS in the environment each call waits for up to that long before: nothing tells then which request it is for.
'use strict';
const http = require('http');
const { randomBytes } = require('crypto');
const { setTimeout } = require('timers/promises');

const calls = process.argv.slice(4).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
const agent = new http.Agent({ keepAlive: true });
const hex = (bytes) => randomBytes(bytes).toString('hex');

function contextFor(how, path, came) {
  if (how === 'drop-old') how = path.startsWith('/old') ? 'drop' : 'pass';
  if (how === 'restart') came = `00-${hex(16)}-${hex(8)}-01`;
  if (how === 'drop' || came === undefined) return {};
  const [version, trace, , flags] = came.split('-');
  return { traceparent: `${version}-${trace}-${hex(8)}-${flags}` };
}

function call([how, url], path, came) {
  return new Promise((resolve, reject) => {
    http.get(url + path, { agent, headers: contextFor(how, path, came) }, (answer) => answer.resume().on('end', resolve)).on('error', reject);
  });
}

const server = http.createServer(async (request, response) => {
  for (const one of calls) {
    if (process.env.RANDOM_MS) await setTimeout(process.env.RANDOM_MS * Math.random());
    await call(one, request.url, request.headers.traceparent);
  }
  response.end();
});
server.keepAliveTimeout = 120000;  // never the one that closes an idle connection during a test
server.listen(0, process.argv[3], 1024, () => console.log('port', server.address().port));

// A small HTTP/1.1 service on Node's own server; the routes are those of service.py. usage: node service.js LOG [HOST]
'use strict';
const fs = require('fs');
const http = require('http');

const log = fs.openSync(process.argv[2], 'a');
const big = Buffer.alloc(1 << 20, 'b');

function answer(request, response, requestBody) {
  const words = request.url.split('/');
  const status = words[1] === 'status' ? Number(words[2]) : 200;
  fs.writeSync(log, `${process.pid} ${request.method} ${request.url} ${status}\n`);
  response.statusCode = status;
  if (words[1] === 'close') response.setHeader('Connection', 'close');
  if (status === 204 || status === 304) {
    response.end();
  } else if (words[1] === 'chunked') {
    for (const piece of ['one', 'two'.repeat(400)]) response.write(piece);
    response.end('three');
  } else {
    const body = request.method === 'POST' ? requestBody : words[1] === 'big' ? big : Buffer.from('ok\n');
    response.setHeader('Content-Length', body.length);
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const words = request.url.split('/');
    const delay = words[1] === 'slow' ? Number(words[2]) : 0;
    const go = () => answer(request, response, Buffer.concat(pieces));
    if (delay) setTimeout(go, delay); else go();
  });
});
server.keepAliveTimeout = 120000;  // never the one that closes an idle connection during a test
server.listen(0, process.argv[3] || '127.0.0.1', 1024, () => console.log('port', server.address().port));

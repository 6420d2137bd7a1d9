// gap.py on Node, with a connection for each call. usage: node gap.js LOG HOST UPSTREAM_PORT
'use strict';
const http = require('http');

const [, , , host, upstream] = process.argv;

const server = http.createServer((request, response) => {
  http.get({ host, port: upstream, path: request.url, agent: false }, (answer) => {
    let body = '';
    answer.on('data', (data) => { body += data; }).on('end', () => response.writeHead(answer.statusCode).end(body));
  }).on('error', () => response.writeHead(502).end());
});
server.listen(0, host, 1024, () => console.log('port', server.address().port));

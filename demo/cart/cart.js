// The cart: GET /cart/<item> asks the stock room whether the item is there. One thread, one event loop.
// PORT: where to listen. STOCK: host:port of the stock room; not asked if not set.
'use strict';
const http = require('node:http');

const keepAlive = new http.Agent({ keepAlive: true });

function reply(response, answer) {
  const body = JSON.stringify(answer);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

http.createServer((request, response) => {
  const item = request.url.split('/').pop();
  if (!process.env.STOCK) return reply(response, { item });

  const [host, port] = process.env.STOCK.split(':');
  const question = http.get({ host, port, path: `/stock/${item}`, agent: keepAlive }, (answer) => {
    answer.resume();
    answer.on('end', () => reply(response, { item, available: answer.statusCode === 200 }));
  });
  question.on('error', (error) => {
    response.writeHead(502).end(error.message);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');

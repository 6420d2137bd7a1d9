// node:http as server. CLIENT: agent (http.Agent, with MAX_SOCKETS if given) or fetch. The plan is that of plan.py.
'use strict';
const http = require('node:http');

const { env } = process;
const next = env.NEXT.split(',');
const hard = env.HARD === '1';
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(env.MAX_SOCKETS || Infinity) });

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const work = () => sleep(env.WORK_MS * (hard ? 0.2 + 1.6 * Math.random() : 1));

async function fetchIt(url) {
  await (await fetch(url)).text();
}

function request(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

const get = env.CLIENT === 'fetch' ? fetchIt : request;

function callsOf(route, number) {
  const bases = { one: next.slice(0, 1), none: [] }[route] || next;
  const urls = bases.map((base) => {
    number = Number((BigInt(number) * 48271n) % 2147483647n);
    return `${base}/r/${number}`;
  });
  return urls.filter(() => !hard || Math.random() > 1 / 3);
}

async function handle(question, answer) {
  const [, route, number] = question.url.split('/');
  if (env.WORK_MS > 0) await work();
  const urls = callsOf(route, Number(number));
  if (route === 'par') await Promise.all(urls.map(get));
  else for (const url of urls) await get(url);
  if (env.WORK_MS > 0) await work();
  answer.end('ok\n');
}

async function background() {
  for (;;) {
    await sleep(4 + 8 * Math.random());
    await get(`${next[0]}/r/${1 + Math.floor(Math.random() * 99999)}`);
  }
}

if (env.BACKGROUND === '1') background();
http.createServer(handle).listen(Number(env.PORT), '127.0.0.1');

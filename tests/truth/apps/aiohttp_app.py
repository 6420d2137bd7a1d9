"""aiohttp, server and client."""

import asyncio

import aiohttp
from aiohttp import web

import loop
import plan


async def application():
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=plan.POOL))

    async def get(url):
        async with session.get(url) as response:
            await response.read()

    async def handle(request):
        return web.Response(text=await loop.answer(request.path, get))

    app = web.Application()
    app.router.add_get("/{route}/{number}", handle)
    app["background"] = asyncio.create_task(loop.background(get))
    return app


web.run_app(application(), host="127.0.0.1", port=plan.PORT, access_log=None, print=None)

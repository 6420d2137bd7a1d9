"""FastAPI on uvicorn, httpx as client. LOOP: asyncio or uvloop."""

import asyncio
import contextlib
import os

import fastapi
import httpx
import uvicorn

import loop
import plan

client = httpx.AsyncClient(limits=httpx.Limits(max_connections=None, max_keepalive_connections=None), timeout=30)


async def get(url):
    await client.get(url)


@contextlib.asynccontextmanager
async def lifespan(_):
    task = asyncio.create_task(loop.background(get))
    yield
    task.cancel()


app = fastapi.FastAPI(lifespan=lifespan)


@app.get("/{route}/{number}")
async def handle(route: str, number: int):
    return fastapi.Response(await loop.answer(f"/{route}/{number}", get))


uvicorn.run(app, host="127.0.0.1", port=plan.PORT, access_log=False, log_level="error", loop=os.environ["LOOP"])

"""What asyncio services share: the plan, with whatever client `get` is."""

import asyncio

import plan


async def work():
    if plan.WORK_SECONDS:  # even a sleep of nothing costs a turn of the loop
        await asyncio.sleep(plan.work_seconds())


async def answer(path, get):
    await work()
    at_once, urls = plan.calls(path)
    if at_once:
        await asyncio.gather(*(get(url) for url in urls))
    else:
        for url in urls:
            await get(url)
    await work()
    return "ok\n"


async def background(get):
    while plan.BACKGROUND:
        await asyncio.sleep(plan.background_seconds())
        await get(plan.background_url())

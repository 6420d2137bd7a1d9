"""gap.py on asyncio, with a connection for each call. usage: gap_asyncio.py LOG HOST UPSTREAM_PORT"""

import asyncio
import sys

HOST, UPSTREAM = sys.argv[2], int(sys.argv[3])


async def ask(path):
    """The answer's body."""
    reader, writer = await asyncio.open_connection(HOST, UPSTREAM)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}:{UPSTREAM}\r\nConnection: close\r\n\r\n".encode())
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return body


async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            body = await ask(head.split(b" ")[1].decode())
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, HOST, 0, backlog=1024)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())

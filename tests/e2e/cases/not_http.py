"""Conversations that are not HTTP/1, some of which begin like it: no span comes of them."""

import os
import random

from connection import Connection
from request import Request
from runtimes import start_odd, start_script
from truth import Hop

TURNS = 30


def binary(seed):
    source = random.Random(seed)
    return [source.randbytes(source.randint(1, 3000)) for _ in range(TURNS)]


CONVERSATIONS = {
    "redis": [b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n", b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"] * TURNS,
    "redis inline": [b"GET key\r\n", b"PUT key\r\n", b"DELETE key another\r\n"] * TURNS,
    "memcached": [b"get key\r\n", b"set key 0 0 5\r\nvalue\r\n"] * TURNS,
    "smtp": [b"HELO there\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n"] * TURNS,
    "tls": [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,
            *[b"\x17\x03\x03\x01\x00" + bytes(256)] * TURNS],
    "http/2": [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), *[b"\x00\x00\x08\x06" + bytes(13)] * TURNS],
    "almost": [b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n", b"HTTP/1.1 200\n", b"GET /x HTTPS/1.1\r\n\r\n"] * TURNS,
    "prose": [b"GET out of here, the POST office is closed.\r\n\r\n", b"HEAD north\r\n\r\n"] * TURNS,
    "binary": binary(1),
    "binary after a method": [b"GET " + piece for piece in binary(2)],
}


def talk(address, messages):
    """The service echoes, so that both directions carry the same."""
    with Connection(address) as connection:
        for message in messages:
            connection.socket.sendall(message)
            left = len(message)
            while left:
                left -= len(connection.socket.recv(left))


def run(scene, _):
    echo, odd = start_script(scene, "echo.py"), start_odd(scene)
    scene.start_agent()
    for messages in CONVERSATIONS.values():
        talk(echo.address, messages)
    # The agent was awake and looking at this process: the one request it made is there, and nothing else.
    with Connection(odd.address) as connection:
        sent = [connection.exchange(Request(f"/r/{scene.unique()}"))]
    scene.check([Hop("client -> odd", sent, odd.served(1))], pids={os.getpid(), echo.pid})

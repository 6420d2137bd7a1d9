"""Every system call that can carry a message: the C program `calls` names each in the path and logs both ends."""

from scene import Failure
from truth import Hop, read_log

END_SECONDS = 60


def run(scene, _):
    calls = scene.tool("calls")
    scene.start_agent()
    logs = [scene.file("client.log"), scene.file("server.log")]
    for log in logs:
        log.touch()
    process = scene.spawn([calls, scene.token, *logs])
    if process.wait(END_SECONDS) != 0:
        raise Failure(f"calls ended with {process.returncode}")
    client, server = (read_log(log) for log in logs)
    if not client or {end.path for end in client} != {end.path for end in server}:
        raise Failure("client and server of `calls` do not agree on what they said")
    if scene.hooks == "sock-length":
        # One run of the hook per message, and registers that name the first: counted as call_kind, and not seen.
        client, server = ([end for end in ends if not end.path.startswith("/sendmmsg")] for ends in (client, server))
    scene.check([Hop("calls", client, server)])

"""Paths that say whom a service is to ask: /NAME/PORT/PORT asks the first port for /NAME/PORT, and so on to the last one."""


def onward(path):
    """(port, path) of who is next; None at the end."""
    name, *ports = path.strip("/").split("/")
    return (int(ports[0]), "/".join(["", name, *ports[1:]])) if ports else None

"""ResponseReader: frames the responses of one connection, incrementally, by RFC 9112 section 6.3."""

from collections import deque

BODILESS = (204, 304)


class Cut(Exception):
    """The connection ended inside a response; `status` is what its head said, None if there was no whole head."""

    def __init__(self, status):
        super().__init__(f"cut, status {status}")
        self.status = status


class ResponseReader:
    """expect() a method for each request sent, feed() bytes, take finished statuses from `finished`."""

    def __init__(self):
        self.finished = deque()  # (final status, the server closes after it)
        self.continued = False   # a 100 has come
        self.upgraded = False    # a 101 has come: what follows is not HTTP
        self.methods = deque()
        self.buffer = bytearray()
        self.status = None
        self.closes = False
        self.step = self.read_head
        self.body_left = 0

    def expect(self, method):
        self.methods.append(method)

    def feed(self, data):
        self.buffer += data
        while self.methods and self.step():
            pass

    def end_of_stream(self):
        """The server closed: ends a close-delimited body, else Cut if something was owed."""
        if self.step == self.read_until_close:
            self.finish()
        elif self.methods:
            raise Cut(self.status)

    def read_head(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        lines = bytes(self.buffer[:end]).decode("latin-1").split("\r\n")
        del self.buffer[:end + 4]
        version, status, *_ = lines[0].split(" ")
        status = int(status)
        fields = {name.lower(): value.strip().lower() for name, value in (line.split(":", 1) for line in lines[1:])}
        if 100 <= status < 200 and status != 101:
            self.continued = self.continued or status == 100
            return True
        self.status = status
        self.closes = fields.get("connection") == "close" or (
            version == "HTTP/1.0" and fields.get("connection") != "keep-alive")
        self.choose_body(fields)
        return True

    def choose_body(self, fields):
        if self.status == 101:
            self.upgraded = True
            self.finish()
        elif self.methods[0] == "HEAD" or self.status in BODILESS:
            self.finish()
        elif "chunked" in fields.get("transfer-encoding", ""):
            self.step = self.read_chunk_size
        elif "content-length" in fields:
            self.body_left = int(fields["content-length"])
            self.step = self.read_body
        else:
            self.step = self.read_until_close

    def finish(self):
        self.finished.append((self.status, self.closes))
        self.methods.popleft()
        self.status = None
        self.step = self.read_head

    def drop_body(self):
        count = min(self.body_left, len(self.buffer))
        del self.buffer[:count]
        self.body_left -= count
        return self.body_left == 0

    def read_body(self):
        if not self.drop_body():
            return False
        self.finish()
        return True

    def read_until_close(self):
        self.buffer.clear()
        return False

    def take_line(self):
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self.buffer[:end])
        del self.buffer[:end + 2]
        return line

    def read_chunk_size(self):
        line = self.take_line()
        if line is None:
            return False
        size = int(line.split(b";")[0], 16)
        self.body_left = size + 2  # with the line end after the chunk
        self.step = self.read_chunk if size else self.read_trailers
        return True

    def read_chunk(self):
        if not self.drop_body():
            return False
        self.step = self.read_chunk_size
        return True

    def read_trailers(self):
        line = self.take_line()
        if line == b"":
            self.finish()
        return line is not None

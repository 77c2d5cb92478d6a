"""A clamd on loopback that speaks INSTREAM as the real one does, and can fail as the real one does."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS" + "-TEST-FILE!$H+H*").encode()
"""In pieces, so that no scanner takes this file for it."""


class Clamd(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    mode, most_bytes = "well", 1024 * 1024

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Session(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        if self.server.mode == "breaks off":
            return
        command = self.rfile.read(6)
        if command == b"zPING\0" and self.server.mode != "silent":
            self.wfile.write(b"PONG\0")
            return
        assert command + self.rfile.read(4) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > self.server.most_bytes:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if self.server.mode == "silent":
            self.rfile.read(1)  # until the other side goes
            return
        found = b"Win.Test.EICAR_HDB-1 FOUND" if EICAR in content else b"OK"
        self.wfile.write(b"stream: " + found + b"\0")


@contextmanager
def running() -> Iterator[Clamd]:
    with Clamd(("127.0.0.1", 0), Session) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()

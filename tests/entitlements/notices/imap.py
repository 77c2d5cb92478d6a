"""An IMAP server on loopback that knows what the reader of bounces says (RFC 3501), and no more."""

from __future__ import annotations

import re
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("* OK IMAP4rev1 ready")
        for line in self.rfile:
            tag, _, said = line.decode().strip().partition(" ")
            verb, _, rest = said.partition(" ")
            self.say(f"{tag} {getattr(self, verb.lower())(rest)}")
            if verb == "LOGOUT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def capability(self, _: str) -> str:
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def login(self, said: str) -> str:
        return "OK done" if said == 'bounces@x.example "se cret"' else "NO who?"

    def select(self, said: str) -> str:
        self.say(f"* {len(self.server.messages)} EXISTS")
        return "OK [READ-WRITE] done" if said == "Bounces" else "NO such folder"

    def search(self, _: str) -> str:
        unread = [str(n) for n, flags in enumerate(self.server.flags, 1) if "\\Seen" not in flags]
        self.say(f"* SEARCH {' '.join(unread)}".rstrip())
        return "OK done"

    def fetch(self, said: str) -> str:
        number, _, what = said.partition(" ")
        assert what == "(BODY.PEEK[])"  # BODY[] would mark it before it is noted
        raw = self.server.messages[int(number) - 1]
        self.wfile.write(f"* {number} FETCH (BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
        return "OK done"

    def store(self, said: str) -> str:
        number, flags = re.fullmatch(r"(\d+) \+FLAGS \((.*)\)", said).groups()
        self.server.flags[int(number) - 1].update(flags.split())
        self.say(f"* {number} FETCH (FLAGS ({flags}))")
        return "OK done"

    def close(self, _: str = "") -> str:
        return "OK done"

    def logout(self, _: str) -> str:
        self.say("* BYE")
        return "OK done"


@contextmanager
def an_imap_server(messages: list[bytes]) -> Iterator[tuple[int, list[set[str]]]]:
    """Its port, and the flags of each message as they come to be."""
    with socketserver.TCPServer(("127.0.0.1", 0), Conversation) as server:
        server.messages, server.flags = messages, [set() for _ in messages]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_address[1], server.flags
        server.shutdown()

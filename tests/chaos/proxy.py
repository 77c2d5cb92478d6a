"""A gate before a server: what comes to its port goes on to the server, or not, as its mode says (PROMISES, test bench)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Literal

Mode = Literal["pass", "refuse", "black-hole", "delay", "cut"]
CHUNK = 65_536


class Proxy:
    """`upstream` is a port on loopback or the path of a socket. Modes: `pass`; `refuse`, as if nothing listened; `black-hole`, which
    takes everything and answers nothing; `delay`, by `seconds` each way; `cut`, which hangs up after `after` bytes of the answer."""

    def __init__(self, upstream: int | str) -> None:
        self.upstream, self.port, self.mode = upstream, 0, "pass"
        self.seconds, self.after = 0.0, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._lines: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._wait_for(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._wait_for(self._change("refuse"))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def set(self, mode: Mode, *, seconds: float = 0.0, after: int = 0) -> None:
        """From now on. Open lines fall silent, or slow, where the mode says so; `refuse` and `cut` break them off, and so does the end
        of a black hole."""
        self.seconds, self.after = seconds, after
        self._wait_for(self._change(mode))

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _change(self, mode: Mode) -> None:
        before, self.mode = self.mode, mode
        if mode == "refuse" and self._server:
            self._server.close()
            self._server = None
        if mode in ("refuse", "cut") or before == "black-hole":
            for line in self._lines:
                line.cancel()
            await asyncio.gather(*self._lines, return_exceptions=True)
        if mode != "refuse" and self._server is None:
            await self._listen()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line
        self._lines.add(line)
        ends, carriers = [writer], list[asyncio.Task[None]]()
        try:
            if self.mode == "black-hole":
                await asyncio.Event().wait()
            answers, there = await self._connect()
            ends.append(there)
            carriers = [
                asyncio.create_task(self._carry(reader, there)),
                asyncio.create_task(self._carry(answers, writer, answers=True)),
            ]
            await asyncio.wait(carriers, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.CancelledError):
            pass  # whoever called is hung up on
        finally:
            self._lines.discard(line)
            for one in carriers:
                one.cancel()
            for end in ends:
                end.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.upstream, str):
            return await asyncio.open_unix_connection(self.upstream)
        return await asyncio.open_connection("127.0.0.1", self.upstream)

    async def _carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, answers: bool = False) -> None:
        carried = 0
        while data := await source.read(CHUNK):
            if self.mode == "black-hole":
                await asyncio.Event().wait()
            if self.mode == "delay":
                await asyncio.sleep(self.seconds)
            if self.mode == "cut" and answers:
                data = data[: max(0, self.after - carried)]
            if not data:
                break
            carried += len(data)
            to.write(data)
            await to.drain()

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

"""bench-letters: the outbox with two senders against smtplib over one connection with the bytes ready, to one local SMTP server.

Work: letters about booked sessions as the product writes them, each leased, asked whether it is still true, handed over and its
acceptance noted with the server's reply before the one after it goes. Floor: the very same bytes, made before the clock starts, by
`smtplib.sendmail` over one connection, and nothing noted. In turn, A B A B; afterwards the server has each letter once, byte for byte as
it is kept, and each has its moment and its reply.

`letters` are made already, as after an outage of the mail server or a retry; `letters-anew` are rendered too: subject, text, HTML with its
styles put inline, and the message.
The server is asyncio in a process of its own; `--queue-ms` is how long it takes to put a letter into its queue before it says so, as a real
one does that must not lose it; it offers PIPELINING, as real ones do (`--no-pipelining`: it does not), of which smtplib makes no use. Left
out: writing the letters, TLS, and the network.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import smtplib
import statistics
import time
from datetime import timedelta

from benchmarks._booking_ground import NOW, contracts, somebody, standing

SENDERS = 2


def serve(port, ready, asked, queue_ms, pipelining):
    """An SMTP server that keeps what it got, by Message-ID, and hands it out when asked."""
    from aiosmtpd.smtp import SMTP

    got = []

    class Box:
        async def handle_EHLO(self, server, session, envelope, hostname, responses):
            session.host_name = hostname
            return [responses[0], *["250-PIPELINING"] * pipelining, *responses[1:]]

        async def handle_DATA(self, server, session, envelope):
            got.append(bytes(envelope.original_content))
            if queue_ms:
                await asyncio.sleep(queue_ms / 1e3)
            return "250 2.0.0 Ok: queued as 4Qx1"

    async def main():
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(Box(), hostname="mx.example"), "127.0.0.1", port
        )
        ready.set()
        while True:
            if asked.poll():
                asked.recv()
                asked.send(list(got))
                got.clear()
            await asyncio.sleep(0.02)
            assert server.is_serving()

    asyncio.run(main())


class Senders:
    """Processes that send what is due, each with its own connections, when they are told."""

    def __init__(self):
        from django.db import connections

        connections.close_all()
        fork = multiprocessing.get_context("fork")
        self.start = fork.Barrier(SENDERS)
        self.pipes = []
        for _ in range(SENDERS):
            here, there = fork.Pipe()
            fork.Process(target=_send, args=(there, self.start), daemon=True).start()
            self.pipes.append(here)

    def run(self):
        """Seconds from the first that began to the last that found nothing more, and how many each sent."""
        for pipe in self.pipes:
            pipe.send(True)
        results = [pipe.recv() for pipe in self.pipes]
        if failed := [result for result in results if isinstance(result, Exception)]:
            raise failed[0]
        return max(end for _, end, _ in results) - min(begun for begun, _, _ in results)


def _send(pipe, start):
    from entitlements import notices
    from entitlements.clock import ticking

    while pipe.recv():
        start.wait()
        begun = time.perf_counter()
        try:
            sent = notices.send_all(clock=ticking())
            pipe.send((begun, time.perf_counter(), sent))
        except Exception as error:
            pipe.send(error)


def written(batch, n, reader, contract):
    """So many letters to one reader, each about a matter of its own, waiting to be sent."""
    from django.db import transaction

    from entitlements import notices
    from entitlements.models import Letter

    session = {"part": 1, "parts": 1, "start": NOW, "length": timedelta(minutes=30), "engineer": "Eve", "where": ""}
    context = {
        "activity": "Integration Consultation",
        "customer": contract.customer.name,
        "zone": contract.zone,
        "day": NOW.date(),
        "ps_reference": "",
        "year_first": NOW.date(),
        "year_last": NOW.date(),
        "action_url": "https://support.example.com/sessions/engagements/ENG-1/",
        "action_label": "Open the engagement",
        "sessions": [session],
        "should_bring": ["You know what the integration is for, and the technical environment around it."],
        "recommended": ["Its APIs, how it authenticates, and the product functions involved."],
        "advice": "We take this as advice and carry it out ourselves.",
        "used": 1,
        "cap": 6,
    }
    with transaction.atomic():
        for one in range(n):
            matter = f"ENG-{batch}-{one}"
            to = {"to": [reader], "customer": contract.customer, "now": NOW}
            notices.write("session_booked", matter=matter, context={"reference": matter, **context}, **to)
    return Letter.objects.filter(matter__startswith=f"ENG-{batch}-")


def made(letters):
    """As after a first lease whose server was not there."""
    from entitlements.models import Letter
    from entitlements.notices.rendering import make

    rows = list(letters.select_related("person"))
    for letter in rows:
        make(letter, NOW)
    Letter.objects.bulk_update(rows, ["subject", "text", "html", "raw", "sha256"])


def checked(letters, got):
    """The answer: the server has each letter once, as it is kept, and each has its moment and the server's reply."""
    from entitlements.models import LetterEvent

    kept = sorted(bytes(raw) for raw in letters.values_list("raw", flat=True))
    assert sorted(got) == kept, (len(got), len(kept))
    assert letters.filter(state="accepted", accepted_at__isnull=False).count() == len(kept)
    for kind, reply in (("handed_over", ""), ("accepted", "250 2.0.0 Ok: queued as 4Qx1")):
        noted = LetterEvent.objects.filter(letter__in=letters, kind=kind)
        assert (noted.filter(reply=reply) if reply else noted).count() == len(kept)
    return kept


def floor(port, messages, sender, to):
    """Seconds for the same bytes over one connection."""
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as line:
        for raw in messages:
            line.sendmail(sender, [to], raw)
    return time.perf_counter() - begun


def measure(name, pairs, n, work, port, reader, asked):
    ratios, ours, floors = [], [], []
    for pair in range(pairs):
        letters, seconds = work(f"{name}-{pair}")
        asked.send(True)
        messages = checked(letters, asked.recv())
        bare = floor(port, messages, "support@example.com", reader.email)
        asked.send(True)
        assert len(asked.recv()) == n
        ratios.append(bare / seconds)
        ours.append(n / seconds)
        floors.append(n / bare)
    print(
        f"{name}: {statistics.median(ours):.0f} letters/s, smtplib {statistics.median(floors):.0f}; "
        f"ratios {min(ratios):.2f}–{max(ratios):.2f}"
    )
    goal = "0.8" if name == "letters" else "none"
    return f'bench: {name} ratio={statistics.median(ratios):.2f} goal={goal} floor="smtplib, one connection, bytes ready" n={n}'


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--letters", type=int, default=600, help="a phase")
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--queue-ms", type=float, default=0, help="the server's time to queue a letter")
    options.add_argument(
        "--no-pipelining", dest="pipelining", action="store_false", help="the server takes commands one by one"
    )
    given = options.parse_args()
    fork = multiprocessing.get_context("fork")
    from tests.conftest import free_port

    port, ready, (asked, there) = free_port(), fork.Event(), fork.Pipe()
    server = fork.Process(target=serve, args=(port, ready, there, given.queue_ms, given.pipelining), daemon=True)
    server.start()
    ready.wait(10)
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    with standing() as postgres:
        by = somebody()
        from entitlements.models import Contract, Membership

        contract = Contract.objects.get(pk=contracts(postgres, 1, by)[0][0])
        Membership.objects.create(user=by, customer=contract.customer, roles=["owner"])
        senders = Senders()

        def anew(batch):
            letters = written(batch, given.letters, by, contract)
            return letters, senders.run()

        def ready_made(batch):
            letters = written(batch, given.letters, by, contract)
            made(letters)
            return letters, senders.run()

        anew("warm")
        asked.send(True)
        asked.recv()
        lines = [
            measure(name, given.pairs, given.letters, work, port, by, asked)
            for name, work in (("letters-anew", anew), ("letters", ready_made))
        ]
    print("left out: writing the letters, TLS and the network")
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()

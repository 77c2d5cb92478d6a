"""What customers send over HTTP: the same forms in a run under fire and in one in which nothing goes wrong."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from tests.chaos.browser import NO_ANSWER, Answer, Browser
from tests.chaos.world import World

AT_ONCE = 4
LONGEST = 300.0
"""Seconds for which somebody goes on sending what has not been acknowledged."""


@dataclass(frozen=True)
class Deed:
    """Who (key of the person) sends what to which page; `about`: the reference of a claim, or what the form is."""

    by: int
    path: str
    form: dict[str, str]
    about: str


@dataclass(frozen=True)
class Acknowledged:
    """Told by the product as received, between these seconds of the true clock."""

    deed: Deed
    tried_first: float
    at: float
    tries: int
    longest: float


def claims(references: Iterable[str]) -> list[Deed]:
    """Send these drafts, which are complete."""
    from sla.models import Claim

    of = dict(Claim.objects.filter(reference__in=references).values_list("reference", "opened_by"))
    return [Deed(of[one], f"/claims/{one}/check/", {"declared": "on"}, one) for one in references]


def reports(world: World, *, seed: int, n: int) -> list[Deed]:
    """So many reports of failures, by owners of so many contracts, each with the key of its form."""
    from entitlements.models import Contract
    from tests import factories as make

    day = (world.base - timedelta(days=2)).date().isoformat()
    found = []
    for contract in Contract.objects.filter(pk__in=world.contracts[:n]).order_by("pk"):
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"report:{seed}:{contract.pk}"))
        form = {"kind": "A", "contract": str(contract.pk), "began_day": day, "began_time": "10:00", "form_key": key}
        found.append(Deed(make.one_of(contract.customer).pk, "/failures/report/", form, key))
    return found


def is_taken(answer: Answer) -> bool:
    """Whether the page says that it has it: it leads on to the receipt, or to what was made."""
    return answer.status == 302 and not answer.where_to.endswith("/check/")


class Customers:
    """Some people who send their forms until each is acknowledged. Use as a context manager; `all_told` once all are."""

    def __init__(self, port: int, deeds: list[Deed]) -> None:
        from entitlements.models import User

        self.left, self.lock, self.acknowledged = list(reversed(deeds)), threading.Lock(), list[Acknowledged]()
        self.others: list[Answer] = []
        """What was answered that was no acknowledgement."""
        self.broken: list[str] = []
        people = User.objects.in_bulk({one.by for one in deeds})
        self.browsers = {key: Browser(port, person) for key, person in people.items()}
        self.wanted, self.stopped = len(deeds), False
        self._threads = [threading.Thread(target=self._send_all, daemon=True) for _ in range(AT_ONCE)]

    def __enter__(self) -> Customers:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped = True
        for one in self._threads:
            one.join()

    @property
    def all_told(self) -> bool:
        return len(self.acknowledged) + len(self.broken) >= self.wanted

    def _send_all(self) -> None:
        while not self.stopped:
            with self.lock:
                if not self.left:
                    return
                deed = self.left.pop()
            self._send(deed)

    def _send(self, deed: Deed) -> None:
        first, tries, longest = time.time(), 0, 0.0
        while time.time() - first < LONGEST and not self.stopped:
            answer = self.browsers[deed.by].post(deed.path, **deed.form)
            tries, longest = tries + 1, max(longest, answer.seconds)
            if is_taken(answer):
                self.acknowledged.append(Acknowledged(deed, first, time.time(), tries, longest))
                return
            self.others.append(answer)
            time.sleep(0.2)
        self.broken.append(f"{deed.path}: nobody took it in {tries} tries")


def sent_here(deeds: list[Deed]) -> None:
    """The same, without HTTP, for a run in which nothing goes wrong."""
    from django.test import Client

    from entitlements.models import User
    from tests.desk import signed_in

    for deed in deeds:
        answer: Client = signed_in(User.objects.get(pk=deed.by)).post(deed.path, deed.form)  # type: ignore[assignment]
        assert answer.status_code == 302, (deed.path, answer.status_code)  # type: ignore[attr-defined]


def not_stored(acknowledged: list[Acknowledged]) -> list[str]:
    """P1: what was acknowledged and is not there, or was received at another time than that at which it was sent."""
    from sla.models import Claim, Failure

    wrong = []
    for one in acknowledged:
        claim = Claim.objects.filter(reference=one.deed.about).values_list("received_at", flat=True).first()
        report = Failure.objects.filter(form_key=one.deed.form.get("form_key")).values_list("reported_at", flat=True)
        received = claim or report.first()
        if received is None:
            wrong.append(f"{one.deed.about} was acknowledged, and is not there")
        elif not one.tried_first - 1 <= received.timestamp() <= one.at + 1:
            wrong.append(f"{one.deed.about} was received at {received}, and not while it was sent")
    return wrong


def no_answer(one: Answer) -> bool:
    return one.status == NO_ANSWER


Condition = Callable[[], object]

"""bench-pages: pages as their readers open them against a bare view with one query, both in one web server as production runs it.

Work: whole requests of people who are signed in, with all that stands around a view: the clock, session, throttle, forms, templates, logs.
Floor: `/bare`, a view of Django in the same processes that asks the database one question and has no middleware, no session and no
template. Four kept connections send requests that were made beforehand; ours and the floor in turn, A B A B; each answer is looked at,
and what was sent is there afterwards. Before that each page is opened once in this process for its queries and its size. A claim is sent
by two requests, the upload of a file of 100 kB and the sending itself, and counts as two. The desk's pages stand on --claims claims of
--contracts contracts; of its list of claims the deepest page, which passes over the most rows, is measured against the first,
and --claims 1000000 says how both grow.
Said beside the ratio: milliseconds of processor time that the web server takes for a request, which a busy machine changes least.
Left out: the proxy, TLS, a browser.
"""

from __future__ import annotations

import argparse
import os
import statistics
import uuid
from datetime import timedelta

from benchmarks._pages_ground import Asked, Page, browser_of, cpu_seconds, request, signed_in, standing, with_file

FLOOR = "a bare view with one query, same server"
FILE = b"order,sum\n" + b"4711,1200.50\n" * 7_692


def year_card():
    """A contract year on Gold with engagements in several states, as its customer opens it."""
    from tests import factories as make

    contract = make.contract()
    for n in range(3):
        make.request(contract=contract, day=make.TODAY + timedelta(days=20 + n))
    person = make.one_of(contract.customer)
    return _opened("year-card", 0.25, "/sessions/", person, says=b"Integration")


def claim_form():
    """The list of lost transactions of a draft with twenty lines, and the form for one more."""
    from sla.actions.drafts import add_transactions
    from tests import factories as make

    claim = make.draft(failure=_failure(), now=_now())
    lines = make.transactions(began=claim.failures.get().began_at, lines=20)
    add_transactions(claim=claim, lines=lines, by=claim.opened_by, now=_now())
    address = f"/claims/{claim.reference}/transactions/"
    return _opened("claim-form", 0.4, address, claim.opened_by, says=b"Order 20")


def claim_send():
    """A draft that lacks nothing but its document: the file, then the declaration with the sending."""
    from sla.models import Claim

    look = _lacking_a_document()

    def turns(n):
        return [_sending(_lacking_a_document()) for _ in range(n)]

    def check(done):
        references = [one[1].sent.split(b" ", 2)[1].split(b"/")[2].decode() for one in done]
        received = Claim.objects.filter(reference__in=references, received_at__isnull=False, evidence__size=len(FILE))
        assert received.count() == len(done), (received.count(), len(done))

    return Page("claim-send", 0.2, turns, f"/claims/{look.reference}/check/", look.opened_by, check)


def nothing():
    """An empty page for somebody who is signed in: the clock, the session, the person and what is logged, without a question or a template
    of its own. What stands around each page costs this, so no page is faster."""
    from tests import factories as make

    return _opened("nothing", 1.0, "/nothing/", make.one_of(make.customer()), says=b"nothing")


PAGES = [nothing, year_card, claim_form, claim_send]


def desk(postgres, given):
    """The desk's pages, with what they show among many claims: a claim in review with an outage, twenty lines and a document."""
    from benchmarks._desk_ground import seeded
    from entitlements.views.lists import COUNTED_TO
    from tests import factories as make

    by = make.approver()
    seeded(postgres, claims=given.claims, places=given.contracts, by=by, now=_now())
    claim = make.sent_claim(draft=_complete(lines=20), received_at=_now())
    return [
        _opened("workspace", 0.1, f"/admin/claims/{claim.reference}/", by, says=b"Order 20"),
        _opened("first-page", 0.1, "/admin/", by, says=b"Claims to decide"),
        _opened("review-queue", 0.1, "/admin/review-queue/", by, says=b"Customer "),
        _opened("claim-list", 0.1, "/admin/sla/claim/", by, says=b"Customer "),
        _opened("claim-list-deepest", 1.5, f"/admin/sla/claim/?p={COUNTED_TO // 50}", by, says=b"Customer "),
    ]


def _complete(*, lines):
    """A draft of yesterday's outage that could be sent."""
    from sla.actions.drafts import add_transactions
    from tests import factories as make

    claim = make.draft(failure=_failure(), complete=True, now=_now())
    more = make.transactions(began=claim.failures.get().began_at, lines=lines)
    add_transactions(claim=claim, lines=more, by=claim.opened_by, now=_now())
    return make.declare(claim=claim, by=claim.opened_by, now=_now())


def _opened(name, goal, address, person, *, says):
    """A page that is only read."""
    sent = request("GET", address, signed_in(person))
    return Page(name, goal, lambda n: [[Asked(sent, says=says)]] * n, address, person)


def _lacking_a_document():
    from sla.actions.drafts import add_transactions, save_contact
    from tests import factories as make

    claim = make.draft(failure=_failure(), now=_now())
    by, now = claim.opened_by, _now()
    lines = make.transactions(began=claim.failures.get().began_at)
    add_transactions(claim=claim, lines=lines, by=by, now=now)
    told = {"name": by.name, "email": by.email, "phone": "", "audit_consent": True, "sends_itself": True}
    save_contact(claim=claim, **told, by=by, now=now)
    return claim


def _sending(claim):
    cookies = signed_in(claim.opened_by)
    content = FILE[:-8] + uuid.uuid4().hex[:7].encode() + b"\n"
    body, kind = with_file({"label": "The orders of that morning"}, "file", "orders.csv", content)
    upload = request("POST", f"/claims/{claim.reference}/evidence/", cookies, body=body, kind=kind)
    sent = request(
        "POST",
        f"/claims/{claim.reference}/check/",
        cookies,
        body=b"declared=on",
        kind="application/x-www-form-urlencoded",
    )
    return [Asked(upload, 302), Asked(sent, 302)]


def _failure():
    from tests import factories as make

    return make.failure(began=_now() - timedelta(days=1), now=_now())


def _now():
    """The server reads the database's clock, so what it finds has to be of today."""
    from entitlements.clock import database_now

    return database_now()


def looked_at(page):
    """Queries and bytes of the page, opened once in this process."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = browser_of(page.person)
    browser.get(page.look)
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(page.look)
    assert answer.status_code == 200, (page.look, answer.status_code)
    return len(asked), len(answer.content), [one["sql"] for one in asked.captured_queries]


def measured(page, client, web, given, first=None):
    """The line of the page: ours and the floor in turn. The floor is the bare view; of a list's deepest page, its `first`."""
    floor_works = first.turns(given.n) if first else [[Asked(request("GET", "/bare"))]] * (given.n * 4)
    client.speed(page.turns(max(given.n // 2, 24)))  # each worker has its templates and plans by then
    client.speed(floor_works)
    ours, floors, spent = [], [], []
    for _ in range(given.pairs):
        works = page.turns(given.n)
        requests = sum(map(len, works))
        before = cpu_seconds(web)
        ours.append(client.speed(works) * requests / len(works))
        spent.append((cpu_seconds(web) - before) / requests)
        if page.check:
            page.check(works)
        floors.append(client.speed(floor_works))
    pairs = list(zip(ours, floors, strict=True))
    ratios = [floor / our if first else our / floor for our, floor in pairs]
    print(
        f"{page.name}: {statistics.median(ours):.0f} requests/s, floor {statistics.median(floors):.0f}; "
        f"ratios {min(ratios):.3f}–{max(ratios):.3f}; {statistics.median(spent) * 1e3:.1f} ms of the web server's processor a request"
    )
    floor = "the first page of the list, as time" if first else FLOOR
    return (
        f'bench: pages-{page.name} ratio={statistics.median(ratios):.3f} goal={page.goal} floor="{floor}" n={given.n}'
    )


def told(page, given):
    """Said of the page before it is measured: its queries and its size."""
    queries, size, asked = looked_at(page)
    goals = f"(goal {page.most_queries})", f"(goal {page.most_bytes // 1000})"
    print(f"{page.name}: {queries} queries {goals[0]}, {size / 1000:.1f} kB {goals[1]}")
    if given.queries:
        print(*(f"  {(one or 'planned once')[:180]}" for one in asked), sep="\n")


def options():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--n", type=int, default=40, help="pieces of work a phase")
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--claims", type=int, default=100_000)
    options.add_argument("--contracts", type=int, default=10_000)
    options.add_argument("--only", default="", help="part of the name of a page; customer or desk for one half")
    options.add_argument("--queries", action="store_true", help="show each page's queries")
    return options.parse_args()


def main():
    given = options()
    lines = []
    with standing() as (client, web, postgres):
        pages = [] if given.only == "desk" else [make() for make in PAGES]
        pages += [] if given.only == "customer" else desk(postgres, given)
        by_name = {page.name: page for page in pages}
        for page in pages:
            if given.only in ("customer", "desk") or given.only in page.name:
                told(page, given)
                first = by_name.get(page.name.removesuffix("-deepest"))
                lines.append(measured(page, client, web, given, first if first is not page else None))
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f}. left out: the proxy, TLS, a browser")
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()

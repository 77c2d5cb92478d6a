"""S4: a file of alert logs, checked, its refused rows told, and imported; against a server-side COPY of the same file into a bare table.

The bare table has the types of the file's columns and nothing else: no key, no index, no check. Ours does all that an import does between
handing in and standing: cells checked, customers found, identities made, tables a month, two indexes, quarter hours, attached. Left out of
both: handing in (copying the file to the store and hashing it), which is measured and told beside. --ten: once ten times as many, too.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks._alert_ground import CUSTOMERS, HEADS, write
from benchmarks._booking_ground import standing

GOAL = 0.6
REFUSED = 10
TYPES = {"initial": "boolean", "first_responder": "boolean", "delay": "interval"}


def customers_on_record():
    from entitlements.models import Customer

    Customer.objects.bulk_create(
        [Customer(name=f"Customer {n}", external_id=f"C-{n:04d}") for n in range(CUSTOMERS)], ignore_conflicts=True
    )


def manager():
    from entitlements.models import User

    return User.objects.get_or_create(email="mia@vendor.example", defaults={"name": "Mia Manager", "is_staff": True})[0]


def by_copy(postgres, path):
    """The floor: seconds of a COPY by the server itself."""
    import psycopg

    columns = ", ".join(
        f"{head} {TYPES.get(head, 'timestamptz' if head.endswith('_at') else 'text')}" for head in HEADS.split(",")
    )
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS bare; CREATE TABLE bare ({columns})")
        begun = time.perf_counter()
        connection.execute(f"COPY bare FROM '{path}' (FORMAT csv, HEADER)")
        seconds = time.perf_counter() - begun
        connection.execute("DROP TABLE bare; CHECKPOINT")
        return seconds


def imported(path, rows):
    """Ours: seconds to hand in and to import; and that the rows stand, the refused are told and the same file again adds nothing."""
    from django.core.files.base import File

    from entitlements.actions.refused import Refused
    from entitlements.clock import database_now, ticking
    from sla.actions import alerts as actions
    from sla.alerts.columns import guessed
    from sla.alerts.keeping import MOST_BYTES, keep, throw_away
    from sla.alerts.work import work
    from sla.models import AlertImport, AlertQuarter

    def hand_in():
        with path.open("rb") as file:
            kept = keep(File(file, name=path.name), path.name, most_bytes=MOST_BYTES)
        try:
            return actions.hand_in(file=kept, by=manager(), now=database_now())
        except Refused:
            throw_away(kept)

    begun = time.perf_counter()
    source = hand_in()
    handed_in = time.perf_counter() - begun
    naming, clock = actions.Naming(guessed(HEADS.split(","))), ticking()
    begun = time.perf_counter()
    actions.check(source=source, naming=naming, by=manager(), now=clock())
    work(clock=clock, turn=None)
    source.refresh_from_db()
    checked = time.perf_counter() - begun
    actions.confirm(source=source, without_refused=True, by=manager(), now=clock())
    work(clock=clock, turn=None)
    seconds = time.perf_counter() - begun
    source = AlertImport.objects.get(pk=source.pk)
    assert (source.state, source.rows, source.refused) == ("imported", rows, REFUSED), (
        source.state,
        source.rows,
        source.trouble,
    )
    assert source.refusals.count() == REFUSED
    assert sum(AlertQuarter.objects.filter(source=source).values_list("incidents", flat=True)) > 0
    assert hand_in() is None
    actions.undo(source=source, by=manager(), now=clock())
    work(clock=clock, turn=None)
    throw_away(source)
    return handed_in, checked, seconds


def peak():
    """The most that the process has held until now, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(postgres, folder, rows, pairs):
    path = folder / f"alerts-{rows}.csv"
    write(path, rows, REFUSED)
    path.chmod(0o644)
    ours, floors = [], []
    for _ in range(pairs):
        ours.append(imported(path, rows))
        floors.append(by_copy(postgres, path))
    path.unlink()
    ratio = statistics.median(floor / one[2] for one, floor in zip(ours, floors, strict=True))
    handed_in, checked, seconds = (statistics.median(column) for column in zip(*ours, strict=True))
    print(
        f"{rows:,} rows: imported in {seconds:.1f} s (checked after {checked:.1f}; handing in {handed_in:.1f} beside it), "
        f"COPY {statistics.median(floors):.1f} s (ratio {ratio:.2f})"
    )
    return ratio, seconds


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--ten", action="store_true", help="once with ten times as many rows")
    given = options.parse_args()
    with standing() as postgres, tempfile.TemporaryDirectory(prefix="makegood-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        from django.conf import settings

        settings.STORAGES["evidence"]["OPTIONS"]["location"] = f"{name}/kept"
        customers_on_record()
        compare(postgres, folder, 5_000, 1)
        base = peak()
        ratio, seconds = compare(postgres, folder, given.rows, given.pairs)
        if given.ten:
            _, ten = compare(postgres, folder, given.rows * 10, 1)
            print(f"ten times the rows: {ten / seconds:.1f} times the time (goal 11)")
        print(
            f"memory: Django and all that is loaded {base:.0f} MB, the import at most {peak() - base:.0f} MB beside it (goal 60)"
        )
        print(f'bench: import ratio={ratio:.2f} goal={GOAL} floor="server-side COPY into a bare table" n={given.rows}')


if __name__ == "__main__":
    main()

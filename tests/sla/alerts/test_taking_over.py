"""M9.5, P2, P3: a worker that is killed, at whatever point, loses nothing and doubles nothing; two workers do not do one import."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction

from sla.actions import alerts as actions
from sla.alerts import loading, matching, quarters
from sla.alerts.columns import guessed
from sla.alerts.work import LEASE, work
from sla.models import AlertImport, AlertQuarter
from tests import factories as make
from tests.factories import NOW
from tests.sla.alerts.files import HEADS, counts, csv_of, handed_in, row, stored

ROWS = [row(n) for n in range(1, 60)]
"""Of which a block has about ten, and a batch two blocks."""


@pytest.fixture
def source(committed_db, monkeypatch):
    monkeypatch.setattr("sla.alerts.files.BLOCK", 2_000)
    monkeypatch.setattr(loading, "BATCH", 4_000)
    customer = make.customer()
    type(customer).objects.filter(pk=customer.pk).update(external_id="C-1")
    source = handed_in(csv_of(*ROWS, row(60, located="USA")))
    return actions.check(source=source, naming=actions.Naming(guessed(HEADS)), by=source.uploaded_by, now=NOW)


def killed(clock, module, name, times=1):
    """A child that works as of a moment and dies, as by kill -9, when it calls a function for the nth time, before its commit."""
    connections.close_all()
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = [times]

    def die(*args, **kwargs):
        left[0] -= 1
        if not left[0]:
            os._exit(137)
        return really(*args, **kwargs)

    really = getattr(module, name)
    setattr(module, name, die)
    work(clock=lambda: clock)
    os._exit(0)


def finished(source, now):
    work(clock=lambda: now)
    source.refresh_from_db()
    if source.state == "checked":
        actions.confirm(source=source, without_refused=True, by=source.uploaded_by, now=now)
        work(clock=lambda: now)
        source.refresh_from_db()
    return source


def test_killed_at_each_point_the_next_goes_on_and_every_row_is_there_once(source):
    now = NOW
    for module, name, times in (
        (loading, "_tell", 1),
        (loading, "_tell", 2),
        (matching, "index", 1),
        (matching, "leave_out_known", 1),
    ):
        assert killed(now, module, name, times) == 137
        assert work(clock=lambda: now + LEASE / 2) == []  # noqa: B023 - called at once
        now += LEASE + timedelta(seconds=1)
    work(clock=lambda: now)
    source.refresh_from_db()
    assert counts(source) == (60, 59, 1, 0)
    actions.confirm(source=source, without_refused=True, by=source.uploaded_by, now=now)
    assert killed(now, quarters, "count") == 137
    assert stored() == []

    done = finished(source, now + LEASE + timedelta(seconds=1))

    assert done.state == "imported"
    assert [one["line"] for one in stored()] == list(range(2, 61))
    assert sum(AlertQuarter.objects.values_list("volume", flat=True)) == 59


def test_killed_while_it_undoes_nothing_is_undone_and_the_next_undoes_it(source):
    finished(source, NOW)
    actions.undo(source=source, by=source.uploaded_by, now=NOW)

    assert killed(NOW, matching, "drop") == 137
    assert (len(stored()), AlertQuarter.objects.count() > 0) == (59, True)
    assert work(clock=lambda: NOW + LEASE / 2) == []

    assert finished(source, NOW + LEASE + timedelta(seconds=1)).state == "undone"
    assert (stored(), AlertQuarter.objects.count()) == ([], 0)


def test_two_workers_do_one_import_once(source, at_once):
    dealt = at_once(lambda: work(clock=lambda: NOW), lambda: work(clock=lambda: NOW))

    assert sorted(map(len, dealt)) == [0, 1]
    assert counts(AlertImport.objects.get()) == (60, 59, 1, 0)


@pytest.mark.parametrize("times", [1, 3])
def test_a_connection_that_is_lost_while_it_copies_is_nothing_against_the_file(source, monkeypatch, times):
    really, left = loading._Copying.write, [times]

    def lost(self, converted):
        really(self, converted)
        left[0] -= 1
        if not left[0]:
            with socket.socket(fileno=os.dup(connection.connection.fileno())) as to_the_server:
                to_the_server.shutdown(socket.SHUT_RDWR)

    with monkeypatch.context() as patched:
        patched.setattr(loading._Copying, "write", lost)
        with pytest.raises(OperationalError):
            work(clock=lambda: NOW)
    connections.close_all()

    done = finished(source, NOW + LEASE + timedelta(seconds=1))

    assert (done.state, done.trouble, counts(done)) == ("imported", "", (60, 59, 1, 0))
    assert [one["line"] for one in stored()] == list(range(2, 61))


def test_whoever_was_taken_over_writes_nothing_more(source, monkeypatch):
    really = loading._tell

    def taken_over_meanwhile(*args):
        AlertImport.objects.update(worker="another")
        return really(*args)

    monkeypatch.setattr(loading, "_tell", taken_over_meanwhile)

    work(clock=lambda: NOW)

    assert AlertImport.objects.get().position == 0


def _waits_for_an_analyze(function, source):
    """The statement of the function that waits while the server is at work on a table of an import."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as analyze:
        analyze.execute(f"LOCK TABLE sla_notification_{source.pk}_202605 IN SHARE UPDATE EXCLUSIVE MODE")
        with connection.cursor() as ours:
            ours.execute("SET lock_timeout = '20ms'")
            with pytest.raises(OperationalError) as waited:
                ours.execute(f"SELECT {function}(%s)", [source.pk])
    return waited.value.__cause__.diag.context.splitlines()[0]


def test_a_table_is_locked_before_anything_of_it_is_changed(source):
    """An analyze of the server's own holds a table and waits for its line in the catalogue: who changes that first waits for ever."""
    work(clock=lambda: NOW)
    actions.confirm(source=source, without_refused=True, by=source.uploaded_by, now=NOW)

    assert "LOCK TABLE" in _waits_for_an_analyze("attach_alert_tables", source)


def test_what_is_dropped_waits_for_an_analyze_before_it_keeps_readers_out(source):
    work(clock=lambda: NOW)
    actions.confirm(source=source, without_refused=True, by=source.uploaded_by, now=NOW)
    work(clock=lambda: NOW)
    AlertImport.objects.update(state="undone", undone_at=NOW, undone_by=source.uploaded_by)

    assert "SHARE UPDATE EXCLUSIVE" in _waits_for_an_analyze("drop_alert_tables", source)

"""The doorbell: what it is set to, that it takes nothing but JSON, and that no request ever waits for it (V19, P4, P5)."""

from __future__ import annotations

import pickle
import re
import socket
import uuid

import pytest
from celery.signals import task_prerun
from django.urls import reverse
from kombu.exceptions import ContentDisallowed
from kombu.message import Message

from config import up
from config.celery import app, drop_dead_connections
from entitlements.models import Letter
from sla.models import Failure
from tests import factories as make
from tests.config.test_settings import start_with
from tests.desk import at, signed_in
from tests.repository import CODE, name

RINGS = re.compile(r"\.(delay|apply_async|send_task)\(")


class TestTheSettings:
    """As the app has them, not as they are written down."""

    def test_work_that_a_worker_dropped_comes_back_and_none_is_hoarded(self):
        assert app.conf.task_acks_late is True
        assert app.conf.task_reject_on_worker_lost is True
        assert app.conf.worker_prefetch_multiplier == 1

    def test_a_task_ends_long_before_the_broker_hands_it_to_another(self):
        visible_again = app.conf.broker_transport_options["visibility_timeout"]

        assert app.conf.task_soft_time_limit < app.conf.task_time_limit
        assert app.conf.task_time_limit * 2 <= visible_again

    def test_no_call_to_the_broker_lasts_for_ever(self):
        options = app.conf.broker_transport_options

        assert 0 < options["socket_connect_timeout"] <= options["socket_timeout"] <= 30
        assert options["health_check_interval"] < options["socket_timeout"]
        assert options["socket_keepalive"] is True
        assert app.conf.broker_connection_max_retries is None  # a worker waits for the broker however long

    def test_nothing_of_value_is_kept_in_the_broker(self):
        assert app.conf.result_backend is None
        assert app.conf.task_ignore_result is True

    def test_the_timetable_is_in_utc_and_a_ring_that_waited_is_dropped(self):
        assert app.conf.timezone == "UTC"
        assert app.conf.enable_utc is True
        for job in app.conf.beat_schedule.values():
            assert job["options"]["expires"] <= job["schedule"].run_every.total_seconds()

    def test_a_connection_that_the_database_closed_is_not_used_for_ever(self):
        assert app.conf.db_reuse_max
        assert any(receiver() is drop_dead_connections for _, receiver in task_prerun.receivers)

    def test_workers_gossip_with_nobody(self):
        assert {"--without-gossip", "--without-mingle"} <= set(up.WORKER.split())

    def test_nothing_but_json_is_taken(self):
        assert app.conf.task_serializer == "json"
        message = Message(
            body=pickle.dumps({"a": 1}),
            content_type="application/x-python-serialize",
            content_encoding="binary",
            accept=app.conf.accept_content,
        )

        with pytest.raises(ContentDisallowed):
            message.decode()


class TestTheWebNeverRings:
    """P4, P5: a request writes rows and commits; Redis may be stopped, or silent, and nobody waits."""

    def test_no_code_of_a_request_publishes(self):
        found = [name(path) for path in CODE if RINGS.search(path.read_text())]

        assert found == []

    @pytest.mark.django_db
    def test_a_report_is_taken_while_redis_accepts_and_never_answers(self, monkeypatch):
        at(monkeypatch, make.NOW)
        contract = make.contract()
        report = {"kind": "A", "began_day": "2026-06-09", "began_time": "10:00", "form_key": str(uuid.uuid4())}
        with socket.create_server(("127.0.0.1", 0)) as black_hole:
            monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0")
            signed_in(make.one_of(contract.customer)).post(reverse("report_failure"), report)
            black_hole.setblocking(False)
            with pytest.raises(BlockingIOError):
                black_hole.accept()

        assert Failure.objects.count() == 1
        assert Letter.objects.filter(kind="failure_reported").exists()

    def test_a_web_process_that_rang_all_the_same_would_wait_a_second(self):
        code = "from config.settings import *; print(CELERY_BROKER_TRANSPORT_OPTIONS, CELERY_TASK_PUBLISH_RETRY)"
        said = start_with(code, DEMO="1", WEB_PROCESS="1").stdout

        assert "'socket_timeout': 1, 'socket_connect_timeout': 1" in said
        assert "'max_retries': 0" in said
        assert said.strip().endswith("False")

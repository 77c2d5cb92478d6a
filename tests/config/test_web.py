"""What the ground answers by itself: health, giants, broken pages, and where migrations may run."""

import io
import json
import logging
import re
import socket
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, connections, router, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from config import errors, health
from config.logs import without_keys
from config.uploads import RefuseGiants
from entitlements import notices
from entitlements.actions.engineers import renew_feed
from entitlements.clock import database_now
from entitlements.health import pulse, signs
from entitlements.models import Letter, LetterEvent, MailOutage, SweepRun
from tests import factories as make
from tests.desk import signed_in


class TestHealthz:
    def test_needs_no_database_no_session_and_no_host_name(self, client):
        assert client.get("/healthz", headers={"host": "10.0.0.7"}).json() == {"alive": True}


class TestReadyz:
    @pytest.mark.django_db
    def test_turns_red_within_five_minutes_when_no_sweep_runs(self, client):
        """P10: with beat and cron both dead, it is seen after four."""
        assert client.get("/readyz").status_code == 503
        run = SweepRun.objects.create(
            started_at=database_now(), ended_at=database_now(), as_of=database_now(), clock_offset_ms=0
        )

        assert client.get("/readyz").status_code == 200

        SweepRun.objects.filter(pk=run.pk).update(ended_at=database_now() - timedelta(minutes=4, seconds=2))
        assert client.get("/readyz").json()["wrong"] == ["no sweep in the last 4 min"]

    @pytest.mark.django_db
    def test_says_within_two_minutes_that_no_turn_of_the_clock_begins(self, client):
        """P40: worker or beat are gone, though the last turn was all right."""
        now = database_now()
        run = SweepRun.objects.create(started_at=now, ended_at=now, as_of=now, clock_offset_ms=0)
        SweepRun.objects.filter(pk=run.pk).update(started_at=now - timedelta(seconds=115))

        assert client.get("/readyz").json()["wrong"] == ["no sweep has begun for nearly two minutes"]

        SweepRun.objects.create(started_at=now, as_of=now, clock_offset_ms=0)  # it has begun, and not ended

        assert client.get("/readyz").json()["wrong"] == []

    @pytest.mark.django_db
    def test_names_redis_where_it_is_stopped_or_silent(self, client, settings):
        """P4, P5, P40: to be looked at; cron may ring."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"

            assert client.get("/readyz").json()["to_look_at"] == ["Redis does not answer"]

        assert client.get("/readyz").json()["to_look_at"] == ["Redis does not answer"]

    @pytest.mark.django_db
    def test_says_how_many_rings_wait_in_redis(self, settings, valkey_url):
        settings.CELERY_BROKER_URL = valkey_url

        assert "It answers; 0 rings wait for a worker." in [one.words for one in signs(pulse(make.NOW), make.NOW)]

    @pytest.mark.django_db
    def test_names_a_mail_server_that_takes_nothing_while_letters_wait(self, client):
        """P16, P40: after a minute, and not because a letter has waited long."""
        now = database_now()
        MailOutage.objects.create(
            host="mail", began_at=now - timedelta(minutes=1, seconds=2), next_try_at=now, error="111 refused"
        )

        assert client.get("/readyz").json()["to_look_at"] == []  # nobody waits for it

        with transaction.atomic():
            notices.write("hello", matter="X-1", to=[make.person()], context={}, now=now)

        assert client.get("/readyz").json()["to_look_at"] == ["the mail server takes no letters"]

    @pytest.mark.django_db
    def test_says_what_the_last_sweep_complained_of_until_one_does_not(self, client):
        now = database_now()
        at = {"as_of": now, "clock_offset_ms": 0}
        SweepRun.objects.create(started_at=now, ended_at=now - timedelta(seconds=60), alarm="DF-1 failed.", **at)

        answer = client.get("/readyz")

        assert (answer.status_code, answer.json()["wrong"]) == (503, ["the last sweep could not do everything"])
        assert "DF-1" not in answer.content.decode()  # anybody may ask
        SweepRun.objects.create(started_at=now, ended_at=now, **at)
        assert client.get("/readyz").json()["wrong"] == []

    @pytest.mark.django_db
    def test_a_letter_that_nobody_sends_turns_it_red_and_those_that_failed_are_counted(self, client):
        now = database_now()
        with transaction.atomic():
            people = [make.person(), make.person()]
            notices.write("hello", matter="X-1", to=people, context={}, now=now - timedelta(minutes=16))
        Letter.objects.filter(person=people[1]).update(state="failed")

        report = client.get("/readyz").json()

        assert 960 <= report["seconds_oldest_letter_waits"] < 1000
        assert "a letter has been waiting for more than 15 min" in report["wrong"]
        assert report["letters_waiting"] == report["letters_failed"] == 1
        assert report["to_look_at"] == ["letters could not be sent"]

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("said", "hours", "wrong", "to_look_at"),
        [
            (["not_reached"], 1, "a letter has been waiting for more than 15 min", None),
            (["busy", "not_reached"], 1, "a letter has been waiting for more than 15 min", None),
            ([], 1, "a letter has been waiting for more than 15 min", None),
            (["busy"], 3, None, None),
            (["not_reached", "busy"], 5, None, "a letter has been put off for more than 4 h"),
            (["no_answer", "handed_over"], 5, None, "a letter has been put off for more than 4 h"),
            (["busy", "queued_again"], 5, None, None),
        ],
    )
    def test_one_full_mailbox_does_not_turn_it_red(self, said, hours, wrong, to_look_at):
        """Whoever looks after the machines can do nothing about it; whoever sees to the letter's reader can."""
        written = make.NOW - timedelta(hours=hours)
        with transaction.atomic():
            notices.write("hello", matter="X-1", to=[make.person()], context={}, now=written)
        Letter.objects.update(attempts=1, due_at=make.NOW + timedelta(minutes=5))
        for kind in said:
            at = make.NOW if kind == "queued_again" else written
            LetterEvent.objects.create(letter=Letter.objects.get(), kind=kind, at=at)

        found = signs(pulse(make.NOW), make.NOW)

        troubles = {sign.key: sign.trouble or None for sign in found}
        assert (troubles["letters"], troubles.get("put_off")) == (wrong, to_look_at)

    @pytest.mark.django_db
    def test_what_a_turn_had_no_time_for_is_to_be_looked_at(self, client):
        now = database_now()
        at = {"as_of": now, "clock_offset_ms": 0, "latest_by_seconds": 90_000}
        SweepRun.objects.create(started_at=now, ended_at=now, left={"drafts lapsed": 12}, **at)

        assert client.get("/readyz").json()["to_look_at"] == ["the last sweep had no time for everything"]
        assert "12 matters" in signs(pulse(now), now)[1].words
        assert "due for 1 day 1 h" in signs(pulse(now), now)[0].words

    @pytest.mark.django_db
    def test_it_reads_the_letters_that_are_not_sent_and_no_others(self):
        """Anybody may ask it: what it costs must not grow with the letters of years."""
        with CaptureQueriesContext(connection) as asked:
            pulse(make.NOW)
        letters = next(one["sql"] for one in asked if "entitlements_letter" in one["sql"])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {letters}")
            plan = "\n".join(line for (line,) in cursor.fetchall())

        assert "letters_not_sent" in plan
        assert "Seq Scan on entitlements_letter" not in plan

    def test_names_a_database_that_does_not_answer(self, client, monkeypatch):
        def no_answer():
            raise OperationalError("connection to db.example.com refused")

        monkeypatch.setattr(health, "database_now", no_answer)

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json() == {"database": "does not answer", "wrong": ["the database does not answer"]}


class TestMetrics:
    """The figures of /readyz as Prometheus reads them."""

    def scraped(self, client):
        answer = client.get("/metrics", headers={"authorization": "Bearer a-token"})
        assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
        lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
        return {name: float(figure) for name, figure in (line.rsplit(" ", 1) for line in lines)}

    @pytest.mark.django_db
    def test_are_for_whoever_brings_the_token(self, client, settings):
        assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
        settings.METRICS_TOKEN = "a-token"

        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 404
        assert self.scraped(client)["makegood_up"] == 1

    @pytest.mark.django_db
    def test_say_what_readyz_says(self, client, settings, monkeypatch):
        settings.METRICS_TOKEN = "a-token"
        now = database_now()
        monkeypatch.setattr(health, "database_now", lambda: now + timedelta(seconds=7))
        SweepRun.objects.create(started_at=now, ended_at=now, as_of=now, clock_offset_ms=-6500, latest_by_seconds=70)

        found = self.scraped(client)

        assert found["makegood_seconds_since_last_sweep"] == 7
        assert found["makegood_seconds_latest_in_last_sweep"] == 70
        assert found["makegood_seconds_clocks_apart"] == -6.5
        assert found['makegood_trouble{sign="clocks"}'] == 1
        assert found['makegood_trouble{sign="sweep"}'] == found["makegood_letters_waiting"] == 0

    def test_say_that_the_database_is_silent(self, client, settings, monkeypatch):
        settings.METRICS_TOKEN = "a-token"
        monkeypatch.setattr(health, "database_now", lambda: (_ for _ in ()).throw(OperationalError("no")))

        assert self.scraped(client) == {"makegood_up": 0}


class TestAGiant:
    def test_is_refused_by_its_length_alone(self, settings):
        handler = RefuseGiants()

        assert handler.handle_raw_input(None, {}, settings.UPLOAD_MAX_REQUEST_BYTES, "") is None
        with pytest.raises(RequestDataTooBig):
            handler.handle_raw_input(None, {}, settings.UPLOAD_MAX_REQUEST_BYTES + 1, "")

    @pytest.mark.django_db
    def test_gets_a_page_that_says_413(self, client, settings):
        settings.UPLOAD_MAX_REQUEST_BYTES = 1000

        answer = client.post("/accounts/login/", {"file": SimpleUploadedFile("log.csv", b"x" * 2000)})

        assert answer.status_code == 413
        assert b"<title>" in answer.content

    def test_smaller_than_that_reaches_the_form_whole(self, settings):
        request = RequestFactory().post("/", {"file": SimpleUploadedFile("log.csv", b"x" * 2000)})

        assert request.FILES["file"].read() == b"x" * 2000


class TestPagesForWhatGoesWrong:
    def test_500_needs_neither_request_nor_database(self):
        answer = errors.server_error(RequestFactory().get("/"))

        assert answer.status_code == 500
        assert b"<title>" in answer.content

    @pytest.mark.django_db
    def test_403_for_a_form_that_is_not_ours(self):
        assert errors.csrf_failure(self._request()).status_code == 403

    @pytest.mark.django_db
    @pytest.mark.django_db
    def test_404_for_a_static_file_that_is_gone_for_somebody_who_is_signed_in_too(self):
        """A page of before an update may still ask for it."""
        assert signed_in(make.manager()).get("/static/css/gone.css").status_code == 404

    def test_400_for_any_other_bad_request(self):
        assert errors.bad_request(self._request(), PermissionDenied()).status_code == 400

    def _request(self):
        from django.contrib.auth.models import AnonymousUser

        request = RequestFactory().get("/")
        request.user, request.session = AnonymousUser(), {}
        return request


@pytest.fixture
def logged():
    """What stderr gets, as the settings write it."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    formatter = dict(settings.LOGGING["formatters"]["json"])
    handler.setFormatter(formatter.pop("()")(**formatter))
    root.addHandler(handler)
    yield lambda: stream.getvalue().replace(r"\u2026", "…")
    root.removeHandler(handler)


def addresses_of(resolver, before=""):
    """Every address of the site as it is written in the lists of them."""
    for one in resolver.url_patterns:
        here = before + str(one.pattern)
        yield from addresses_of(one, here) if hasattr(one, "url_patterns") else [here]


class TestTheRequestLog:
    def test_carries_one_id_that_the_answer_names(self, client, db, logged):
        answer = client.get("/no-such-page")

        line = next(one for one in map(json.loads, logged().splitlines()) if one["logger"] == "makegood.request")
        assert line["request_id"] == answer["X-Request-ID"]
        assert (line["path"], line["status"]) == ("/no-such-page", 404)

    @pytest.mark.parametrize(
        "address",
        [
            "/accounts/password/reset/key/{0}/",
            "/addresses/{0}/",
            "/calendar/{0}.ics",
            "/contacts/{0}/",
            "/demo/sign-in/{0}/",
            "/invitations/{0}/",
            "/invitations/{0}/ask/",
        ],
    )
    def test_keeps_no_key_that_stands_in_an_address(self, client, db, logged, address):
        client.get(address.format("se-cret"), headers={"host": "testserver"})

        assert "se-cret" not in logged()
        assert "/…" in logged()

    def test_keeps_no_key_of_an_address_that_is_there(self, client, db, logged):
        token = renew_feed(engineer=make.engineer(), by=make.manager(), now=make.NOW)

        assert client.get(reverse("calendar_feed", args=[token])).status_code == 200
        assert token not in logged()
        assert '"path": "/calendar/…"' in logged()

    def test_keeps_no_key_that_a_sentence_or_a_traceback_quotes(self, logged):
        try:
            raise ValueError("https://desk.example/invitations/se-cret/ is no good")
        except ValueError:
            logging.getLogger("django.request").exception("Internal Server Error: %s", "/calendar/se-cret.ics")

        assert "se-cret" not in logged()
        assert "https://desk.example/invitations/… is no good" in logged()

    def test_says_why_somebody_was_refused_without_a_traceback(self, client, db, logged):
        client.force_login(make.member())

        assert client.get("/admin/records/").status_code == 403
        assert '"why": "This page is for managers at the desk."' in logged()
        assert "Traceback" not in logged()

    def test_keeps_what_is_no_key(self):
        for said in ("/admin/accounts/7/", "/people/invitations/INV-7K3M/again/", "/sessions/years/7/", "/demo/"):
            assert without_keys(said) == said

    def test_knows_each_address_that_holds_one(self):
        """A new address with a secret in it is added to what the log leaves out, or this is red."""
        found = [one for one in addresses_of(get_resolver()) if re.search(r"<\w*:?(\w*token|\w*key)>", one)]
        shown = [one for one in found if "se-cret" in without_keys("/" + re.sub("<[^<>]*>", "se-cret", one))]

        assert len(found) > 4
        assert shown == []


class TestTwoLogins:
    @pytest.mark.django_db(databases=["default", "owner"])
    def test_the_application_works_under_its_role_and_the_owner_under_its_own(self):
        def who(alias):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT current_user, current_database()")
                return cursor.fetchone()

        assert who("default")[0] == "makegood_app"
        assert who("owner")[0] == "makegood_owner"
        assert who("default")[1] == who("owner")[1]

    def test_only_the_owner_migrates(self):
        assert router.allow_migrate("owner", "entitlements")
        assert not router.allow_migrate("default", "entitlements")

"""What the ground answers by itself: health, giants, broken pages, and where migrations may run."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections, router
from django.test import RequestFactory

from config import errors, health
from config.uploads import RefuseGiants
from entitlements.clock import database_now
from entitlements.models import SweepRun


class TestHealthz:
    def test_needs_no_database_no_session_and_no_host_name(self, client):
        assert client.get("/healthz", headers={"host": "10.0.0.7"}).json() == {"alive": True}


class TestReadyz:
    @pytest.mark.django_db
    def test_turns_red_when_no_sweep_ran_for_five_minutes(self, client):
        assert client.get("/readyz").status_code == 503
        run = SweepRun.objects.create(
            started_at=database_now(), ended_at=database_now(), as_of=database_now(), clock_offset_ms=0
        )

        assert client.get("/readyz").status_code == 200

        SweepRun.objects.filter(pk=run.pk).update(ended_at=database_now() - timedelta(minutes=5, seconds=2))
        assert client.get("/readyz").json()["wrong"] == ["no sweep in the last five minutes"]

    def test_names_a_database_that_does_not_answer(self, client, monkeypatch):
        def no_answer():
            raise OperationalError("connection refused")

        monkeypatch.setattr(health, "database_now", no_answer)

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json() == {"database": "connection refused", "wrong": ["the database does not answer"]}


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
    def test_400_for_any_other_bad_request(self):
        assert errors.bad_request(self._request(), PermissionDenied()).status_code == 400

    def _request(self):
        from django.contrib.auth.models import AnonymousUser

        request = RequestFactory().get("/")
        request.user, request.session = AnonymousUser(), {}
        return request


class TestTheRequestLog:
    def test_carries_one_id_that_the_answer_names(self, client, db, caplog):
        answer = client.get("/no-such-page")

        line = next(one.msg for one in caplog.records if one.name == "makegood.request")
        assert line["request_id"] == answer["X-Request-ID"]
        assert (line["path"], line["status"]) == ("/no-such-page", 404)

    def test_keeps_no_key_that_stands_in_an_address(self, client, db, caplog):
        client.get("/accounts/password/reset/key/1-abc/")

        assert all("1-abc" not in str(one.msg) for one in caplog.records if one.name == "makegood.request")


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

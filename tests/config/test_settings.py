import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from config import demo
from tests.config.locks import all_disagreements, disagreements

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (ROOT / "config/settings.py").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()


SHOW = "from config.settings import *; print(ALLOWED_HOSTS, HTTPS, EMAIL_BACKEND)"
NO_FILE = "import environ; environ.Env.read_env = lambda *_: None\n"
"""This checkout may have an .env of its own."""


def start_with(code: str = SHOW, **environment: str) -> subprocess.CompletedProcess[str]:
    """Import the settings as a process of their own, with this environment and no other."""
    return subprocess.run(
        [sys.executable, "-c", NO_FILE + code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class TestMissingVariables:
    def test_are_all_named_in_one_paragraph(self):
        said = start_with(SECRET_KEY="x", SITE_URL="https://example.com").stderr.splitlines()[-1]

        assert "Makegood cannot start" in said
        assert set(re.findall(r"(\w+) \(", said)) == {
            "ALLOWED_HOSTS",
            "DATABASE_URL",
            "REDIS_URL",
            "EMAIL_URL",
            "SUPPORT_EMAIL",
        }
        assert "make run" in said

    def test_are_none_in_the_demo(self):
        demo_process = start_with(DEMO="1")

        assert demo_process.returncode == 0, demo_process.stderr
        assert "filebased" in demo_process.stdout

    def test_of_the_mail_server_leave_djangos_defaults(self):
        """A folder has no host; code that notes the host of a letter must find a text all the same."""
        process = start_with("from django.conf import settings; print(repr(settings.EMAIL_HOST))", DEMO="1")

        assert process.stdout.strip() == "'localhost'"


@pytest.mark.django_db(databases=["default", "owner"])
def test_who_migrates_waits_no_longer_than_two_seconds_for_a_table():
    """P25: everybody else would wait behind. That nobody does is shown under a writer by `make chaos`."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("2s",)


class TestTheDemo:
    @pytest.mark.parametrize(
        "url", ["smtp://mail.example.com:25", "smtp+tls://a:b@10.0.0.1:587", "amazonses://key@region", "smtp://:25"]
    )
    def test_refuses_to_mail_a_real_host(self, url):
        with pytest.raises(ImproperlyConfigured, match="never mails a real host"):
            demo.refuse_real_mail(url)

    def test_does_not_start_where_it_would_mail_one(self):
        refused = start_with(DEMO="1", EMAIL_URL="smtp://mail.example.com:25")

        assert refused.returncode != 0
        assert "never mails a real host" in refused.stderr

    @pytest.mark.parametrize("url", ["smtp://localhost:25", "smtp://127.0.0.2", "smtp://[::1]:25", "consolemail://"])
    def test_mails_this_machine(self, url):
        try:
            demo.refuse_real_mail(url)
            refused = None
        except ImproperlyConfigured as error:
            refused = error

        assert refused is None

    def test_answers_to_loopback_only_whatever_it_is_told(self):
        assert start_with(DEMO="1", ALLOWED_HOSTS="support.example.com").stdout.startswith(str(demo.LOOPBACK_HOSTS))

    def test_key_is_private_and_stays(self, tmp_path):
        first = demo.environment(tmp_path, "8000")["SECRET_KEY"]

        assert len(first) > 50
        assert demo.environment(tmp_path, "8000")["SECRET_KEY"] == first
        assert (tmp_path / "var/demo-secret-key").stat().st_mode & 0o077 == 0


class TestEnvExample:
    def test_names_what_the_settings_read(self):
        read = set(re.findall(r'env\.\w+\("(\w+)"', SETTINGS)) | set(re.findall(r'^    "([A-Z_]+)": "', SETTINGS, re.M))
        told = set(re.findall(r"^(?:# )?([A-Z_]+)=", EXAMPLE, re.M))

        assert told == read - {"WEB_PROCESS"}

    def test_is_a_production(self):
        names = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.M)

        assert start_with(**dict(names)).stdout.split()[-2:] == ["True", "django.core.mail.backends.smtp.EmailBackend"]


class TestLockFiles:
    def test_agree_with_the_requirements(self):
        assert all_disagreements() == []

    def test_that_lag_behind_are_named(self):
        assert disagreements("django[argon2]==5.2.19  # why\nredis==8", "django==5.2.18 \\\n    --hash=x\n") == [
            "django==5.2.19, locked: 5.2.18",
            "redis==8, locked: nothing",
        ]


def test_the_web_loads_all_pages_and_leaves_them_out_of_what_the_garbage_collector_looks_through():
    show = "import gc, sys, config.wsgi; print(gc.get_freeze_count(), 'sla.views.drafts' in sys.modules)"
    process = start_with(show, DEMO="1")
    frozen, loaded = process.stdout.split()
    assert (int(frozen) > 100_000, loaded) == (True, "True")

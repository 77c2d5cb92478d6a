"""P24: what a backup has is what was there at one moment, and what was brought back is compared row by row and file by file."""

from __future__ import annotations

import subprocess
from io import StringIO
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connections

from config import embedded
from entitlements import backups
from entitlements.models import Customer
from sla.models import Evidence
from tests import factories as make
from tests.conftest import _pointed_at


@pytest.fixture
def evidence(committed_db):
    draft = make.draft(complete=True)
    make.evidence(claim=draft)
    return Evidence.objects.get()


@pytest.fixture
def restored(migrated):
    """Called with a folder: what it has is in a database of its own, to which both aliases point."""
    name = f"restored_{uuid4().hex[:8]}"
    with psycopg.connect(migrated.postgres.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {embedded.OWNER}")
        restore = backups.program("pg_restore", connection.info.server_version // 10_000)

        def bring_back(folder: Path):
            command = [restore, "--exit-on-error", "--dbname", migrated.postgres.url(embedded.OWNER, name)]
            subprocess.run([*command, folder / backups.DUMP], check=True, capture_output=True)
            return _pointed_at(migrated, name)

        yield bring_back
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def compare(folder):
    said = StringIO()
    call_command("backup", folder, "--compare", stdout=said)
    return said.getvalue()


def test_what_is_brought_back_is_what_it_was(evidence, restored, tmp_path):
    """Old rows, new rows, each file: a difference is named. What was committed after the backup is not in it."""
    call_command("backup", tmp_path, stdout=StringIO())
    assert not any(path.stat().st_mode & 0o077 for path in tmp_path.rglob("*"))  # nobody else can read it
    make.customer(name="Too late")

    with restored(tmp_path):
        assert "Every row and every file is as it was." in compare(tmp_path)
        assert not Customer.objects.filter(name="Too late").exists()
        call_command("migrate", database="owner", check_unapplied=True, verbosity=0)

        with connections["owner"].cursor() as cursor:
            cursor.execute("UPDATE entitlements_customer SET name = 'Somebody else'")
        with pytest.raises(CommandError, match="entitlements_customer has as many rows as it had, and not the same"):
            compare(tmp_path)

        Path(storages["evidence"].path(evidence.stored_as)).write_bytes(b"another")
        with pytest.raises(CommandError, match=f"{evidence.stored_as} is not the file that it was."):
            compare(tmp_path)


def test_a_file_that_is_gone_or_was_changed_is_no_backup(evidence, tmp_path):
    storages["evidence"].delete(evidence.stored_as)
    with pytest.raises(CommandError, match="is not in the evidence store"):
        call_command("backup", tmp_path)

    storages["evidence"].save(evidence.stored_as, ContentFile(b"another"))
    with pytest.raises(CommandError, match="is not the file whose hash is on record"):
        call_command("backup", tmp_path)

    with pytest.raises(CommandError, match="the backup was not finished"):
        compare(tmp_path)


def test_the_last_one_stays_until_the_next_is_whole(evidence, tmp_path, monkeypatch):
    """A disk that is full after the dump costs the new backup, not the old one."""
    call_command("backup", tmp_path, stdout=StringIO())
    before = {name: (tmp_path / name).read_bytes() for name in (backups.DUMP, backups.LIST)}

    def no_space(target, text):
        raise OSError("No space left on device")

    monkeypatch.setattr(backups, "_write", no_space)
    make.customer(name="Too late")
    with pytest.raises(OSError, match="No space"):
        call_command("backup", tmp_path, stdout=StringIO())

    assert before == {name: (tmp_path / name).read_bytes() for name in before}

"""Documents, timetable, templates and pins say what is so: what they name exists, and what exists is named."""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs

from config.celery import app as celery_app
from tests.letters import story
from tests.repository import CODE, ROOT, TEXTS, files, name, text_of, tree


class TestTheTimetable:
    def test_it_names_real_tasks(self):
        celery_app.autodiscover_tasks(force=True)

        for job in celery_app.conf.beat_schedule.values():
            module, _, task = job["task"].rpartition(".")
            assert callable(getattr(import_module(module), task))
            assert job["task"] in celery_app.tasks

    def test_each_job_says_its_clause(self):
        jobs = [line for line in (ROOT / "config/celery.py").read_text().splitlines() if '": every(' in line]

        assert len(jobs) == len(celery_app.conf.beat_schedule)
        assert [line for line in jobs if not re.search(r"# ?([EST]\d+ ?)+:", line)] == []

    def test_the_operations_page_lists_the_same(self):
        page = (ROOT / "docs/operations.md").read_text()

        listed = set(re.findall(r"^\| `(\w+\.tasks\.\w+)` \|", page, re.MULTILINE))

        assert listed == {job["task"] for job in celery_app.conf.beat_schedule.values()}


class TestCommands:
    def test_those_that_documents_name_exist(self):
        pages = [*files("docs/**/*.md"), ROOT / "README.md"]
        named = {one for page in pages for one in re.findall(r"manage\.py (\w+)", page.read_text())}

        assert {"sweep", "demo", "migrate"} <= named
        assert named - set(get_commands()) == set()

    def test_our_own_are_on_the_operations_page(self):
        own = {path.stem for path in files("*/management/commands/[a-z]*.py")}

        assert [one for one in own if f"manage.py {one}" not in (ROOT / "docs/operations.md").read_text()] == []

    def test_the_targets_that_documents_name_exist(self):
        targets = set(re.findall(r"^([a-z%-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        pages = [*files("docs/**/*.md"), ROOT / "README.md"]
        named = {
            one for page in pages for one in re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), re.MULTILINE)
        }

        assert {one for one in named if not one.startswith("bench-")} - targets == set()


class TestTemplates:
    """Each is asked for by code or by another template, or takes the place of one that a package has."""

    def test_none_is_orphaned(self):
        assert [one for one in self.ours() if not self.is_asked_for(one) and not self.takes_a_place(one)] == []

    def ours(self) -> list[str]:
        return [
            str(path.relative_to(TEXTS))
            for path in files("templates/**/*.html", "templates/**/*.txt", "templates/**/*.typ")
        ]

    def is_asked_for(self, template: str) -> bool:
        if letter := re.fullmatch(r"emails/(\w+)\.(subject\.txt|txt|html)", template):
            return template.startswith("emails/_") or f'"{letter[1]}"' in text_of("*/*letters.py")
        *folder, file = template.split("/")
        as_path = ", ".join(f'"{part}"' for part in (*folder, file))  # Path(…, "pdf", "claim.typ")
        return any(one in chain_of_texts() for one in (f'"{template}"', f"'{template}'", as_path))

    def takes_a_place(self, template: str) -> bool:
        if template in ("400.html", "403.html", "404.html", "500.html"):
            return True
        packages = [
            Path(folder) for folder in get_app_template_dirs("templates") if ROOT / ".venv" in Path(folder).parents
        ]
        folders = [folder for folder in packages if (folder / template).exists()]
        per_model = re.fullmatch(r"admin/(entitlements|sla)/\w+/(change_list|change_form)\.html", template)
        return bool(folders or per_model)

    def test_each_can_be_parsed(self):
        ours = [str(path.relative_to(TEXTS)) for path in files("templates/**/*.html", "templates/**/*.txt")]

        assert [fault for one in ours if (fault := self.fault_in(one))] == []

    def fault_in(self, template: str) -> str:
        try:
            found = get_template(template).template.origin.name
        except TemplateSyntaxError as error:
            return f"{template}: {error}"
        return "" if found == str(TEXTS / template) else f"{template}: {found} comes before it"

    def test_each_kind_of_letter_has_its_three(self):
        kinds = {
            node.args[0].value
            for path in [*files("*/letters.py"), *files("*_letters.py")]
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and ast.unparse(node.func) in ("write", "letters.write", "_about_claim", "_about_failure", "notices.write")
        }

        wanted = {f"emails/{kind}.{ending}" for kind in kinds for ending in ("subject.txt", "txt", "html")}

        assert len(kinds) >= 9
        assert {one for one in wanted if not (TEXTS / one).exists()} == set()


@pytest.mark.django_db
class TestEveryLetter:
    """Subject and text of each kind, whole, as in tests/letters; its HTML says the same. Changed on purpose: `make letters`."""

    def test_is_the_one_in_its_file(self):
        letters = story.every_letter()
        if "WRITE_LETTERS" in os.environ:
            for kind, letter in letters.items():
                story.file_of(kind).write_text(story.as_read(letter))

        assert {letter.kind for letter in letters.values()} == {
            path.name.removesuffix(".subject.txt") for path in files("templates/emails/*.subject.txt")
        }
        assert {story.file_of(kind) for kind in letters} == set(files("tests/letters/*.txt"))
        changed = [kind for kind, letter in letters.items() if story.as_read(letter) != story.file_of(kind).read_text()]
        assert changed == [], "run `make letters`, read the differences, and commit them with what changes the letter"
        missing = {kind: story.only_in_the_text(letter) for kind, letter in letters.items()}
        assert {kind: lines for kind, lines in missing.items() if lines} == {}


@cache
def chain_of_texts() -> str:
    code = (path.read_text() for path in CODE)
    templates = (path.read_text() for path in files("templates/**/*.*"))
    return "\n".join(chain(code, templates))


class TestPins:
    @pytest.mark.parametrize("path", [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"], ids=name)
    def test_each_is_exact_and_says_why_it_is_here(self, path):
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith(("#", "-r"))]

        assert lines
        assert [line for line in lines if not re.fullmatch(r"[\w.\[\],-]+==[\w.]+\s+# \S.*", line)] == []

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from entitlements.acts_in_words import VERBS, act_in_words, note_in_words

RECORDED = re.compile(r"""(?:record\(\s*|VERB = |verb = |else )f?"([a-z_]+\.[a-z_]+)\"""")
DIGEST = "0123456789abcdef" * 4


def verbs_of_the_product():
    sources = (
        path.read_text() for half in ("entitlements", "sla") for path in Path(settings.BASE_DIR, half).rglob("*.py")
    )
    return {verb for source in sources for verb in RECORDED.findall(source)}


def test_every_act_that_is_recorded_has_its_words():
    assert len(verbs_of_the_product()) > 100
    assert verbs_of_the_product() - VERBS.keys() == set()


def test_an_act_of_a_later_edition_is_read_as_it_is_written():
    assert act_in_words("contract.blue_moon") == "Contract blue moon"


@pytest.mark.parametrize(
    ("verb", "note", "words"),
    [
        ("contract.reminder", "60d", "60 days before"),
        ("claim.reminder", "1d", "1 day before"),
        ("claim.reminder", "4h", "4 hours before"),
        ("failure.reminder", "none due", "None was due"),
        ("engagement.session_held", "part 1, with Lars Holm", "Part 1, with Lars Holm"),
        ("claim.decision_proposed", "approve", "To approve"),
        ("evidence.added", DIGEST, "SHA-256 0123456789ab…"),
        ("engagement.no_show", "customer: Nobody came.", "By the customer: Nobody came."),
        ("engagement.no_show", "vendor", "By us"),
        ("contract.level_changed", "silver from 2026-07-01. Why.", "Silver Services from July 1, 2026. Why."),
        ("letter.bounced", "session_reminder to tom_w@kiwi.example", "Session reminder to tom_w@kiwi.example"),
        ("letter.others_told", "session_reminder", "Session reminder"),
        ("contract.extended", "To 2028-12-31", "To December 31, 2028"),
    ],
)
def test_a_note_is_read_without_its_codes(verb, note, words):
    assert note_in_words(verb, note) == words


@pytest.mark.parametrize(
    "verb", ["contract.suspended", "engagement.no_show", "evidence.added", "contract.level_changed"]
)
def test_what_a_person_wrote_stays_as_it_was_written(verb):
    assert note_in_words(verb, "60d: customer part 1") == "60d: customer part 1"

"""Every question of the product that is put into words once says at any values what its queryset says."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import get_resolver

from config import sessions
from entitlements import cards, health, missed
from entitlements.admin import pages
from entitlements.admin.queues import first_of
from entitlements.models import Contract, people
from entitlements.models.worded import Worded, _related, _together
from entitlements.notices import outages
from sla import (
    agreed,
    claims,
    completeness,
    drafts,
    elections,
    exclusions,
    information,
    loss_stated,
    maintenance,
    outage_logs,
    outage_plot,
    proofs,
    reconciliation,
    review_queue,
    seen,
    similar,
    terms_shown,
)
from sla.actions import decisions
from sla.admin import claim_facts, claim_page
from sla.admin.first_page import AWAY, OVERDUE_DUTIES, ROWS, SOON
from sla.alerts import keeping_up
from sla.models import claims as claims_asked
from sla.models import terms
from sla.views import requests
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ASKED = {
    # each with the kinds of its values: an i is a key, an s a text, an m a moment, an n nothing
    "sm": [sessions.SESSION, review_queue._SHOWN],
    "ism": [sessions.BESIDE],
    "i": [
        *(cards._OF_CUSTOMERS, people._PLACES, claims._APPROVED, completeness._HAS, drafts._SUMS),
        *(drafts._DOCUMENTS, drafts._FIRST_LINES),
        *(elections._DECIDED, similar._SUMS),
    ],
    "iii": [cards._OF_CUSTOMERS, similar._LIKE, outage_logs._OF_THE_CAUSES, outage_plot._REPORTS],
    "iin": [similar._LIKE],
    "s": [
        pages._ACTS,
        missed._MAY_HAVE,
        missed._NOTED,
        missed._WRITTEN,
        terms_shown._LINES,
        claim_page._CLAIM,
        requests._CLAIM,
    ],
    "sss": [pages._ACTS],
    "ii": [decisions._OF_CAUSE, agreed._AGREED, outage_logs._OF_THE_CAUSES, outage_plot._REPORTS],
    "imm": [claim_facts._NEAR, loss_stated._ALIKE],
    "immmm": [loss_stated._ALIKE],
    "mmi": [exclusions._STANDING],
    "mmiii": [exclusions._STANDING],
    "m": [
        health.TURNS,
        health.LETTERS,
        health.ALARMS,
        outages.OUTAGE,
        keeping_up.IMPORTS,
        reconciliation.LAST,
        proofs.LAST,
    ],
    "mm": [maintenance._IN_TIME_OF, maintenance._RAN_IN],
    "im": [information._OPEN, claims_asked._WITH_OUTAGES, review_queue._AFTER],
    "in": [claims_asked._WITH_OUTAGES],
    "mi": [review_queue.first_wanted(who, next, 5) for who in ("", "me", "nobody") for next in ("", "all", "take")],
    "si": [seen._HISTORY, seen._HOW_MANY],
    "": [terms._PUBLISHED],
}
QUEUES = [*(queue for _, row in ROWS for queue in row), *OVERDUE_DUTIES, *SOON, AWAY]
TEXTS = ["CLM-1", "%s", "a'b", "", "ü%", '{"a"}', " A\\ "]


def values_of(kinds, chance):
    """No key or text twice, which a list of them would name once; moments come one after another."""
    first = datetime(1990, 1, 1, tzinfo=UTC)
    moments = sorted(first + chance.random() * timedelta(60 * 365) for _ in range(kinds.count("m")))
    keys = chance.sample([0, *(chance.randrange(2**40) for _ in range(20))], kinds.count("i"))
    texts = chance.sample(TEXTS, kinds.count("s"))
    of_kind = {"i": keys, "s": texts, "m": moments, "n": [None] * kinds.count("n")}
    return [of_kind[kind].pop(0) for kind in kinds]


def told(sql, params):
    with connection.cursor() as cursor:
        return cursor.mogrify(sql, params)


def agree(question, kinds, chance, times):
    for _ in range(times):
        values = values_of(kinds, chance)
        assert question.shape(values) is not None, (question.ask, kinds)
        assert told(*question.words(*values)) == told(*question.ask(*values).query.sql_with_params())


@pytest.mark.parametrize("kinds", ASKED)
def test_each_is_known_and_right_at_any_values(kinds):
    chance = random.Random(5)
    for question in ASKED[kinds]:
        agree(Worded(question.ask), kinds, chance, 5)


def test_each_queue_of_the_first_page_too_but_those_of_a_local_day():
    chance = random.Random(5)
    asked = {queue.key: first_of(queue, 5) for queue in QUEUES}
    assert {key for key, question in asked.items() if question.shape([NOW]) is None} == {"today", "tomorrow"}
    for key in sorted(asked.keys() - {"today", "tomorrow"}):
        agree(asked[key], "m", chance, 1)


def test_rows_of_a_relation_too():
    _, question = _related(Contract, "years")
    for n in (1, 2, 20):
        agree(Worded(question.ask), "i" * n, random.Random(n), 4)


def test_rows_of_several_relations_too():
    """The one text names the keys of all."""
    _, question = _together(Contract, ("zones", "levels", "overrides", "engagements", "fee_months"))
    agree(question, "s", random.Random(5), 5)


def test_none_is_left_out():
    get_resolver().url_patterns  # noqa: B018 — all pages are there
    ours = [module for name, module in sys.modules.items() if name.split(".")[0] in ("config", "entitlements", "sla")]
    there = {
        id(one): (module, name) for module in ours for name, one in vars(module).items() if isinstance(one, Worded)
    }
    told_here = {id(one) for questions in ASKED.values() for one in questions}
    assert [where for one, where in there.items() if one not in told_here] == []

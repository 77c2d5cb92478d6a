"""M6, X11: the ledger at the desk and in the portal: every line with its two people, its balance and how it came about."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import escape

from entitlements.models import Role
from sla import memos
from sla.models import Claim, Credit, Posting
from tests import credit_factories as ledger
from tests import factories as make
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def applied(decided_claim: Claim) -> Credit:
    """2,000.00 granted, 500.00 of it applied."""
    credit = ledger.credit(claim=decided_claim)
    ledger.posted(ledger.application(of=credit, amount="500.00", invoice="INV-7"))
    return credit


@pytest.fixture
def always_fresh(monkeypatch):
    """V47: as if everybody had just signed in."""
    monkeypatch.setattr("entitlements.views.step_up.is_fresh", lambda request, now: True)


def text_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def rows_of(response):
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


class TestTheCustomer:
    def test_sees_what_is_left_every_line_and_how_it_came_about(self, applied, signed_in):
        reader = signed_in(make.one_of(applied.customer, Role.CLAIMS))

        assert "1,500.00" in text_of(reader.get(reverse("credit_list")))
        shown = text_of(reader.get(reverse("credit", args=[applied.reference])))

        assert "INV-7" in shown
        assert "applied to an invoice" in shown
        assert "/memo-1/" in shown
        assert 'data-clause="S11"' in shown

    def test_has_the_lines_as_a_file(self, applied, signed_in):
        reader = signed_in(make.one_of(applied.customer))

        rows = rows_of(reader.get(reverse("credit_list") + "?format=csv"))

        assert [(row["Line"], Decimal(row["Amount"])) for row in rows] == [
            ("Granted", Decimal("2000.00")),
            ("Applied to an invoice", Decimal("-500.00")),
        ]

    def test_of_another_finds_nothing(self, applied, signed_in):
        other = signed_in(make.member())

        assert other.get(reverse("credit", args=[applied.reference])).status_code == 404
        assert other.get(reverse("credit_memo", args=[applied.reference, 1])).status_code == 404
        assert "There is no credit yet" in text_of(other.get(reverse("credit_list")))

    def test_the_memo_is_the_same_in_the_portal_and_at_the_desk(self, applied, signed_in):
        portal = signed_in(make.one_of(applied.customer)).get(reverse("credit_memo", args=[applied.reference, 1]))
        desk = signed_in(make.manager()).get(reverse("admin:credit_memo", args=[applied.reference, 1]))

        assert portal.content == desk.content
        assert portal.content.startswith(b"%PDF")

    def test_the_memo_is_a_page_too_with_all_that_the_paper_says(self, applied, signed_in):
        entry = memos.with_all_of_it(applied.entries.all()).get(memo=1)
        address = [applied.reference, 1]
        pages = [
            text_of(signed_in(make.one_of(applied.customer)).get(reverse("credit_memo_page", args=address))),
            text_of(signed_in(make.manager()).get(reverse("admin:credit_memo_page", args=address))),
        ]

        for name, value in memos.facts_of(entry):
            assert [f"<dt>{name}</dt><dd>{escape(value)}</dd>" in page for page in pages] == [True, True], name


class TestTheDesk:
    def test_the_list_has_sums_of_what_it_shows_and_the_file_has_the_same(self, applied, signed_in):
        desk, here = signed_in(make.manager()), reverse("admin:sla_creditentry_changelist")

        shown = desk.get(here, {"kind": "application"})
        rows = rows_of(desk.get(here, {"kind": "application", "format": "csv"}))

        assert [(one["sum"], one["lines"]) for one in shown.context_data["sums"]] == [(Decimal("-500.00"), 1)]
        assert [Decimal(row["amount"]) for row in rows] == [Decimal("-500.00")]
        assert [Decimal(row["customer's balance after it"]) for row in rows] == [Decimal("1500.00")]

    @pytest.mark.parametrize("of", ["creditentry", "credit"])
    def test_a_line_opens_to_the_page_of_its_credit(self, of, applied, signed_in):
        key = applied.pk if of == "credit" else applied.entries.first().pk

        opened = signed_in(make.manager()).get(reverse(f"admin:sla_{of}_change", args=[key]))

        assert opened.url == reverse("admin:credit", args=[applied.reference])

    def test_a_line_is_proposed_shown_with_its_letter_and_posted_by_another(self, applied, signed_in, always_fresh):
        one, other = signed_in(make.manager()), signed_in(make.approver())
        form = {
            "line": applied.entries.get(kind="grant").pk,
            "amount": "1,900.00",
            "reason": "Line 3 was counted twice.",
        }

        there = one.post(reverse("admin:propose_posting", args=[applied.reference, "correct"]), form).url
        assert "1,400.00" in text_of(other.get(there))
        assert "The letter, as it will go" in text_of(other.get(there))
        assert "Post this line" not in text_of(one.get(there))
        assert "You may not approve decisions." in text_of(one.post(there + "approve/"))
        other.post(there + "approve/")

        assert applied.balance == Decimal("1400.00")

    def test_only_what_can_still_be_done_is_offered(self, applied, signed_in):
        there = reverse("admin:credit", args=[applied.reference])
        desk, acts = signed_in(make.manager()), ("apply", "reverse", "correct")
        offered = lambda: [one for one in acts if f"{there}{one}/" in desk.get(there).content.decode()]  # noqa: E731
        assert offered() == [*acts]

        ledger.posted(ledger.application(of=applied, amount="1500.00"))
        assert offered() == ["reverse", "correct"]
        for one in applied.entries.filter(kind="application"):
            ledger.posted(ledger.reversal(of=one))
        ledger.posted(ledger.reversal(of=applied.entries.get(kind="grant")))
        assert offered() == []

    def test_the_credit_that_is_kept_is_chosen_by_its_sum_and_its_cause(self, applied, signed_in):
        failure = make.failure(contract=applied.claim.contract, began=make.NOW - 3 * make.DAY)
        claim = make.decided(proposal=make.proposal(claim=make.sent_claim(failure=failure)))
        other = ledger.credit(claim=claim)

        shown = signed_in(make.manager()).get(reverse("admin:propose_posting", args=[applied.reference, "reverse"]))

        assert f"{other.reference}, USD 2,000.00 for {other.cause.reference}" in text_of(shown)

    def test_approving_asks_for_a_fresh_sign_in(self, applied, signed_in):
        posting = ledger.application(of=applied)

        asked = signed_in(make.approver()).post(reverse("admin:approve_posting", args=[posting.pk]))

        assert asked.url.startswith(reverse("step_up"))
        assert Posting.objects.waiting().count() == 1

    def test_what_cannot_be_posted_comes_back_with_the_reason_and_what_was_typed(self, applied, signed_in):
        there = reverse("admin:propose_posting", args=[applied.reference, "apply"])

        shown = text_of(signed_in(make.manager()).post(there, {"invoice": "INV-8", "amount": "1,500.01"}))

        assert "Only 1,500.00 is left" in shown
        assert "INV-8" in shown

    def test_what_waits_is_counted_on_the_first_page_and_listed(self, applied, signed_in):
        ledger.application(of=applied)
        desk = signed_in(make.manager())

        first = text_of(desk.get(reverse("admin:index")))

        assert "Lines of the ledger waiting for a second person" in first
        listed = desk.get(reverse("admin:sla_posting_changelist"), {"work": "to_post"})
        assert listed.context_data["cl"].result_count == 1

    def test_credits_stand_beside_their_two_caps(self, applied, signed_in):
        """PL8, S11: granted and proposed, and what the decision froze."""
        waiting = make.proposal()
        desk, here = signed_in(make.manager()), reverse("admin:credits_against_caps")

        proposed, granted = desk.get(here).context["rows"]

        assert (proposed.proposal, proposed.granted, proposed.proposed) == (waiting, 0, Decimal("2000.00"))
        assert (granted.granted, granted.left) == (Decimal("2000.00"), Decimal("1500.00"))
        assert (granted.fees_bound, granted.cap) == (Decimal("295200.00"), Decimal("3000000.00"))
        (row,) = rows_of(desk.get(here, {"customer": applied.customer_id, "format": "csv"}))
        assert (row["credit"], row["5 x annual fees"]) == (applied.reference, "295200.00")

"""S11, S12, S19: every line of the ledger is what two people decided; nothing is taken that is not there; nothing is changed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.models import Event, Letter, Membership
from entitlements.notices import rendering
from sla import memos
from sla.actions.aside import cover_claim
from sla.actions.causes import merge_causes, record_fix
from sla.actions.decisions import cause_is_credited
from sla.actions.postings import approve_posting, return_posting
from sla.actions.second_looks import reopen_claim
from sla.admin.posting_forms import ReversalForm
from sla.ledger import lines_of
from sla.models import Claim, Credit, CreditEntry, Posting
from tests import credit_factories as ledger
from tests import factories as make
from tests.credit_factories import LATER
from tests.desk import signed_in
from tests.shared import shared
from tests.sla.test_letters import words_of_html, words_of_text

pytestmark = pytest.mark.django_db
D = Decimal


@shared
def granted(decided_claim: Claim) -> Credit:
    """2,000.00, bound by the loss itself."""
    return ledger.credit(claim=decided_claim)


@shared
def two(granted: Credit) -> Credit:
    """Another credit of the customer, for another cause: later, and as large."""
    failure = make.failure(contract=granted.claim.contract, began=make.NOW - 60 * make.HOUR)
    proposal = make.proposal(claim=make.sent_claim(failure=failure))
    return ledger.credit(claim=make.decided(proposal=proposal, now=LATER))


def grant(credit):
    return credit.entries.get(kind="grant")


def amounts(credit):
    return [entry.amount for entry in credit.entries.all()]


def refused(action, **handed_in):
    with pytest.raises(Refused) as caught:
        action(**handed_in)
    return [one.code for one in caught.value.refusals]


class TestALine:
    """S19: proposed by one, approved by another; the balance is the sum."""

    def test_an_application_takes_from_the_credit(self, granted):
        entry = ledger.posted(ledger.application(of=granted, amount="500.00", invoice="INV-7"))

        assert (entry.kind, entry.amount, entry.invoice, entry.memo) == ("application", D("-500.00"), "INV-7", None)
        assert granted.balance == D("1500.00")
        assert entry.proposed_by == entry.posting.proposed_by != entry.approved_by

    def test_it_is_undone_by_its_opposite_and_can_be_applied_again(self, granted):
        applied = ledger.posted(ledger.application(of=granted, amount="2000.00"))

        ledger.posted(ledger.reversal(of=applied))

        assert granted.balance == D("2000.00")
        assert refused(ledger.reversal, of=applied) == ["undone"]
        ledger.application(of=granted, amount="2000.00")

    def test_a_reversed_grant_keeps_its_place(self, granted):
        """S12: its cause stays credited."""
        ledger.posted(ledger.reversal(of=grant(granted)))

        granted.refresh_from_db()
        assert (granted.balance, granted.voided_at) == (D("0.00"), None)

    def test_a_correction_is_the_difference(self, granted):
        entry = ledger.posted(ledger.correction(of=grant(granted), amount="1800.00"))

        assert (entry.amount, entry.corrects, granted.balance) == (D("-200.00"), grant(granted), D("1800.00"))
        assert amounts(granted) == [D("2000.00"), D("-200.00")]

    def test_until_it_is_approved_nothing_is_posted(self, granted):
        posting = ledger.application(of=granted)

        return_posting(posting=posting, reason="Wrong invoice.", by=make.manager(), now=LATER)

        assert amounts(granted) == [D("2000.00")]
        assert refused(approve_posting, posting=posting, by=make.approver(), now=LATER) == ["settled"]

    def test_the_customer_is_told_and_the_log_knows(self, granted):
        ledger.posted(ledger.application(of=granted))

        assert Letter.objects.filter(kind="credit_changed").count() == 1
        verbs = Event.objects.filter(matter=granted.reference, table="").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["credit.posting_proposed", "credit.application"]
        assert Event.objects.filter(table="sla_creditentry", matter=granted.reference).exists()


class TestWhatIsRefused:
    def test_whoever_proposed_it_or_may_not_approve(self, granted):
        proposer = make.approver()
        posting = ledger.application(of=granted, by=proposer)

        assert refused(ledger.posted, posting=posting, by=proposer) == ["second_person"]
        assert refused(ledger.posted, posting=posting, by=make.manager()) == ["may_not_approve"]

    def test_one_of_the_customers_own_people(self, granted):
        former = make.person(name="Once there")
        Membership.objects.create(
            user=former, customer=granted.customer, roles=["owner"], left_at=make.NOW, left_by=make.manager()
        )
        former.is_staff = former.may_approve = True
        former.save()

        assert refused(ledger.application, of=granted, by=former) == ["own_claim"]
        assert refused(ledger.posted, posting=ledger.application(of=granted), by=former) == ["own_claim"]

    @pytest.mark.parametrize(
        ("propose", "code"),
        [
            (lambda c: ledger.application(of=c, amount="2000.01"), "not_enough_left"),
            (lambda c: ledger.application(of=c, amount="0.00"), "nothing_applied"),
            (lambda c: ledger.correction(of=grant(c), amount="2000.01"), "above_bounds"),
            (lambda c: ledger.correction(of=grant(c), amount="2000.00"), "no_difference"),
            (lambda c: ledger.reversal(of=grant(c), kept=c), "not_set_off"),
        ],
        ids=["more than is left", "nothing", "above its bounds", "no difference", "set off by itself"],
    )
    def test_what_the_lines_do_not_bear(self, propose, code, granted):
        assert refused(propose, c=granted) == [code]

    def test_a_grant_that_is_applied_already(self, granted):
        ledger.posted(ledger.application(of=granted))

        assert refused(ledger.reversal, of=grant(granted)) == ["not_enough_left"]

    def test_a_second_line_while_one_waits(self, granted):
        ledger.application(of=granted)

        assert refused(ledger.application, of=granted) == ["one_waits"]


def insert(entry, **changes):
    """As raw SQL of the application's role would."""
    fields = {f.column: getattr(entry, f.attname) for f in CreditEntry._meta.concrete_fields}
    row = fields | {"id": None, "memo": None, "recorded_at": make.NOW} | changes
    row.pop("id")
    columns = ", ".join(row)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            f"INSERT INTO sla_creditentry ({columns}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values())
        )


class TestTheDatabase:
    """S11, S12, S19: it has the last word, whoever writes, and however."""

    def test_no_line_without_two_people_behind_it(self, granted):
        posting = ledger.application(of=granted)
        line = {"kind": "application", "amount": D("-500.00"), "invoice": "INV-1", "posting_id": posting.pk}

        with pytest.raises(IntegrityError, match="a_line_is_as_two_people_decided"):
            insert(grant(granted), **line, approved_by_id=make.approver().pk)

    @pytest.mark.parametrize("changed", [{"amount": D("-400.00")}, {"invoice": "INV-2"}, {"corrects_id": "grant"}])
    def test_no_line_that_says_otherwise_than_was_approved(self, changed, granted):
        posting, by = ledger.application(of=granted), make.approver()
        Posting.objects.filter(pk=posting.pk).update(approved_at=LATER, approved_by=by)
        line = {"kind": "application", "amount": D("-500.00"), "invoice": "INV-1", "posting_id": posting.pk}
        people = {"proposed_by_id": posting.proposed_by_id, "approved_by_id": by.pk}
        changed = {key: grant(granted).pk if value == "grant" else value for key, value in changed.items()}

        with pytest.raises(IntegrityError, match="a_line_is_as_two_people_decided"):
            insert(grant(granted), **line | people | changed)

    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ({"kind": "application", "amount": D("-2000.01"), "invoice": "INV-1"}, "a_credit_is_never_below_zero"),
            ({"kind": "correction", "amount": D("0.01"), "reason": "x"}, "a_line_stays_in_bounds"),
            ({"kind": "reversal", "amount": D("-1.00"), "reason": "x"}, "a_line_stays_in_bounds"),
        ],
        ids=["more than is left", "above its bounds", "a part undone"],
    )
    def test_no_line_that_takes_or_gives_too_much_though_two_people_say_so(self, line, name, granted):
        by, first = make.approver(), grant(granted)
        about = first if line["kind"] != "application" else None
        two = {"proposed_at": LATER, "proposed_by": make.manager()}
        posting = Posting.objects.create(credit=granted, corrects=about, **line, **two)
        Posting.objects.filter(pk=posting.pk).update(approved_at=LATER, approved_by=by)
        same = {"kind": line["kind"], "amount": line["amount"], "invoice": line.get("invoice", "")}
        keys = {"posting_id": posting.pk, "corrects_id": about and about.pk}

        with pytest.raises(IntegrityError, match=name):
            insert(first, **same, **keys, proposed_by_id=posting.proposed_by_id, approved_by_id=by.pk)

    @pytest.mark.parametrize(
        ("values", "name"),
        [
            ({"kind": "application", "amount": "1.00", "invoice": "I"}, "an_application_takes_from_a_credit"),
            ({"kind": "application", "amount": "-1.00"}, "an_application_takes_from_a_credit_for_an_invoice"),
            ({"kind": "reversal", "amount": "-1.00"}, "a_reversal_or_correction_says_of_what_and_why"),
        ],
    )
    def test_no_proposal_that_does_not_say_what_for(self, values, name, granted):
        with pytest.raises(IntegrityError, match=name):
            Posting.objects.create(credit=granted, proposed_at=LATER, proposed_by=make.manager(), **values)

    def test_one_waits_at_a_time_and_only_a_reversal_sets_off(self, granted):
        first = ledger.application(of=granted)
        line = {"kind": "application", "amount": "-1.00", "invoice": "I", "proposed_at": LATER}
        by = first.proposed_by

        with pytest.raises(IntegrityError, match="one_posting_waits_for_a_credit"), transaction.atomic():
            Posting.objects.create(credit=granted, proposed_by=by, **line)
        Posting.objects.filter(pk=first.pk).update(returned_at=LATER, returned_by=by)
        with pytest.raises(IntegrityError, match="only_a_reversal_sets_a_credit_off"):
            Posting.objects.create(credit=granted, proposed_by=by, set_off_by=granted, **line)

    def test_a_line_is_approved_or_returned(self, granted):
        posting, by = ledger.application(of=granted), make.approver()
        both = {"approved_at": LATER, "approved_by": by, "returned_at": LATER, "returned_by": by}

        with pytest.raises(IntegrityError, match="a_posting_is_approved_or_returned_not_both"):
            Posting.objects.filter(pk=posting.pk).update(**both)

    def test_nobody_approves_their_own(self, granted):
        posting = ledger.application(of=granted, by=make.approver())

        with pytest.raises(IntegrityError, match="who_approves_a_posting_is_never_who_proposed"):
            Posting.objects.filter(pk=posting.pk).update(approved_at=LATER, approved_by=posting.proposed_by)

    @pytest.mark.parametrize("who", [make.manager, lambda: make.approver(is_active=False)], ids=["may not", "gone"])
    def test_nobody_who_may_not_approves(self, who, granted):
        posting = ledger.application(of=granted)

        with pytest.raises(IntegrityError, match="a_line_is_approved_by_who_may"):
            Posting.objects.filter(pk=posting.pk).update(approved_at=LATER, approved_by=who())

    def test_a_credit_is_void_only_once_it_is_set_off(self, granted):
        ledger.posted(ledger.reversal(of=grant(granted)))

        with pytest.raises(IntegrityError, match="a_void_credit_is_set_off"):
            Credit.objects.filter(pk=granted.pk).update(voided_at=LATER, voided_by=make.approver())


class TestTwoCausesThatAreOne:
    """S12: the credit that is not kept is set off by two people, is void, and leaves its place; then the causes can be merged."""

    def test_it_is_set_off_and_they_are_merged(self, granted, two):
        contract = granted.claim.contract
        causes = granted.cause, two.cause

        ledger.posted(ledger.reversal(of=grant(two), kept=granted))

        two.refresh_from_db()
        assert two.voided_at == LATER
        assert Claim.objects.get(pk=two.claim_id).state == "covered"
        merge_causes(kept=causes[0], merged=causes[1], reason="One switch.", by=make.manager(), now=LATER)
        assert set(Credit.objects.filter(customer=contract.customer).values_list("cause", flat=True)) == {causes[0].pk}

    def test_the_log_of_its_claim_says_that_it_is_covered_and_by_which(self, granted, two):
        ledger.posted(ledger.reversal(of=grant(two), kept=granted))

        covered = Event.objects.get(verb="claim.covered", matter=two.claim.reference)
        assert (covered.happened_at, covered.note) == (LATER, granted.reference)

    def test_nothing_is_added_to_it_once_it_is_void(self, granted, two):
        line = grant(two)
        ledger.posted(ledger.reversal(of=line, kept=granted))

        assert refused(ledger.correction, of=line, amount="2000.00") == ["void"]

    def test_the_database_refuses_a_line_of_a_void_credit_though_two_people_say_so(self, granted, two):
        line, by = grant(two), make.approver()
        ledger.posted(ledger.reversal(of=line, kept=granted))
        told = {"kind": "correction", "amount": "2000.00", "corrects": line, "proposed_by": make.manager()}
        posting = Posting.objects.create(credit=two, reason="x", proposed_at=LATER, **told)
        Posting.objects.filter(pk=posting.pk).update(approved_at=LATER, approved_by=by)

        with pytest.raises(IntegrityError, match="a_void_credit_takes_no_line"):
            CreditEntry.objects.create(
                credit=two, customer=two.customer, currency=two.currency, posting=posting, posted_at=LATER,
                approved_by=by, note="x", made_out_to="Customer", **told,
            )  # fmt: skip

    def test_the_letter_says_which_is_kept_and_that_the_claim_is_covered(self, granted, two):
        ledger.posted(ledger.reversal(of=grant(two), kept=granted))

        letter = Letter.objects.filter(kind="credit_changed").latest("pk")
        rendering.make(letter, LATER)
        assert f"{granted.reference} is kept, and covers your claim {two.claim.reference}" in letter.text
        assert "stay as they were" not in letter.text
        assert words_of_html(letter) == words_of_text(letter)

    def test_the_larger_is_kept_and_of_equal_ones_the_earlier(self, granted, two):
        assert refused(ledger.reversal, of=grant(granted), kept=two) == ["other_is_kept"]

        ledger.posted(ledger.correction(of=grant(granted), amount="1999.99"))
        assert refused(ledger.reversal, of=grant(two), kept=granted) == ["other_is_kept"]

    def test_the_one_to_keep_is_named_with_what_stands_of_it(self, granted, two):
        """The larger is kept, as it stands: what was granted at first may be more."""
        ledger.posted(ledger.correction(of=grant(granted), amount="1999.99"))

        assert "1,999.99" in str(ReversalForm(credit=two, lines=lines_of(two))["set_off_by"])

    def test_not_where_the_causes_cannot_be_one(self, granted, two):
        record_fix(cause=two.cause, by=make.manager(), now=make.NOW - 40 * make.HOUR)

        assert refused(ledger.reversal, of=grant(two), kept=granted) == ["recurrence"]

    def test_until_they_are_merged_its_cause_stays_credited(self, granted, two):
        """None is granted in its place meanwhile."""
        ledger.posted(ledger.reversal(of=grant(two), kept=granted))
        claim = make.sent_claim(failure=make.failure(contract=two.claim.contract, began=make.NOW - 3 * make.HOUR))
        Claim.objects.filter(pk=claim.pk).update(cause=two.cause)
        claim.failures.update(cause=two.cause)

        assert refused(make.proposal, claim=claim) == ["one_cause"]

    def test_the_claim_of_the_one_set_off_is_looked_at_again_once_the_kept_one_is_undone(self, granted, two):
        """S12, S19: before the causes are merged, too; a credit of which nothing stands covers nothing."""
        ledger.posted(ledger.reversal(of=grant(two), kept=granted))
        undone = ledger.reversal(of=grant(granted))

        shown = signed_in(make.approver()).get(reverse("admin:posting", args=[undone.pk])).content.decode()
        ledger.posted(undone)

        assert "In review again then" in shown
        assert two.claim.reference in shown
        claim = Claim.objects.get(pk=two.claim_id)
        assert claim.state == "in_review"
        assert Letter.objects.filter(kind="second_look_settled", matter=claim.reference).exists()
        assert refused(make.proposal, claim=claim) == ["one_cause"]
        page = signed_in(make.manager()).get(reverse("admin:claim", args=[claim.reference])).content.decode()
        assert "and was undone: it covers nothing, and keeps its place" in page

    def test_a_merge_does_not_close_it_by_one_of_which_nothing_stands(self, granted, two):
        """S12: until a correction of the kept one gives back what is due."""
        ledger.posted(ledger.reversal(of=grant(two), kept=granted))
        ledger.posted(ledger.reversal(of=grant(granted)))
        address = reverse("admin:merge_causes", args=[granted.cause.reference])
        shown = signed_in(make.manager()).get(address, {"other": two.cause.reference}).content.decode()
        assert "none: nothing of it stands" in shown

        merge_causes(kept=granted.cause, merged=two.cause, reason="One switch.", by=make.manager(), now=LATER)

        claim = Claim.objects.get(pk=two.claim_id)
        assert (claim.state, claim.cause) == ("in_review", granted.cause)
        ledger.posted(ledger.correction(of=grant(granted), amount="1500.00"))
        assert cover_claim(claim=claim, by=make.manager(), now=LATER).state == "covered"

    def test_what_is_kept_covers_the_claim_also_before_the_merge(self, granted, two):
        ledger.posted(ledger.reversal(of=grant(two), kept=granted))
        claim = reopen_claim(claim=two.claim, reason="Look again.", by=make.manager(), now=LATER)

        assert cover_claim(claim=claim, by=make.manager(), now=LATER).state == "covered"

    def test_one_that_was_kept_and_is_set_off_later_leaves_its_places_to_the_next(self, granted, two):
        """Of three that are one, whatever was covered by the one that went is covered by the one that stays."""
        ledger.posted(ledger.correction(of=grant(two), amount="1000.00"))
        failure = make.failure(contract=granted.claim.contract, began=make.NOW - 90 * make.HOUR)
        third = ledger.credit(claim=make.decided(proposal=make.proposal(claim=make.sent_claim(failure=failure))))
        ledger.posted(ledger.correction(of=grant(third), amount="500.00"))
        ledger.posted(ledger.reversal(of=grant(third), kept=two))
        ledger.posted(ledger.reversal(of=grant(two), kept=granted))

        assert cause_is_credited(Claim.objects.get(pk=third.claim_id)) == granted
        ledger.posted(ledger.reversal(of=grant(granted)))

        assert set(Claim.objects.values_list("pk", "state")) == {
            (granted.claim_id, "credited"),
            (two.claim_id, "in_review"),
            (third.claim_id, "in_review"),
        }

    def test_two_do_not_set_each_other_off(self, granted, two):
        """None would be left for their cause."""
        one = ledger.reversal(of=grant(two), kept=granted)
        told = {
            "kind": "reversal",
            "amount": "-2000.00",
            "corrects": grant(granted),
            "reason": "x",
            "set_off_by": two,
        }
        other = Posting.objects.create(credit=granted, **told, proposed_at=LATER, proposed_by=make.manager())
        ledger.posted(one)

        with pytest.raises(Refused) as refused:
            ledger.posted(other)

        assert [one.code for one in refused.value.refusals] == ["not_set_off"]
        assert Credit.objects.filter(voided_at=None).get() == granted


class TestMemos:
    """Numbered without gaps; the same bytes whenever they are asked for."""

    def test_a_line_that_changes_what_is_granted_has_the_next_number(self, granted):
        assert grant(granted).memo == 1
        assert ledger.posted(ledger.application(of=granted)).memo is None

        corrected = ledger.posted(ledger.correction(of=grant(granted), amount="1800.00"))

        corrected.refresh_from_db()
        assert (corrected.memo, corrected.memo_number) == (2, "CM-000002")

    def test_a_number_that_was_not_used_is_given_again(self, granted):
        undone = transaction.savepoint()
        ledger.posted(ledger.correction(of=grant(granted), amount="1800.00"))
        transaction.savepoint_rollback(undone)

        ledger.posted(ledger.correction(of=grant(granted), amount="1700.00"))

        assert list(CreditEntry.objects.order_by("memo").values_list("memo", flat=True)) == [1, 2]

    def test_it_is_the_same_after_the_customer_has_another_name(self, granted):
        def paper():
            return memos.paper_of(memos.with_all_of_it(CreditEntry.objects.all()).get(kind="grant"))

        before = paper()
        type(granted.customer).objects.update(name="Another name")

        assert paper() == before

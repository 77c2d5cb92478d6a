"""S6: exclusions are findings of cause: what they cut, whom they bind, and how they reach claims that are open or decided (S19)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from entitlements.actions.refused import Refused
from entitlements.models import Event
from entitlements.rules.spans import Span
from entitlements.rules.working import Step
from sla.actions.decisions import approve_proposal
from sla.actions.findings import correct_finding, withdraw_finding
from sla.actions.presumptions import find_otherwise, take_finding_back
from sla.actions.publishing import publish_outage
from sla.assessment import assess
from sla.evidence.circumstances import circumstances_of
from sla.evidence.one_alert import examine
from sla.evidence.questions import Verdict, assessed
from sla.exposure import opened_by
from sla.maintenance import terms_of
from sla.models import (
    Claim,
    Examination,
    Finding,
    FindingCustomer,
    Notification,
    Opening,
    Recomputation,
)
from sla.outage_logs import logged_pieces, logs_of_claimed, logs_on
from sla.rules.outages import AvailabilityOutage
from tests import factories as make
from tests import finding_factories as find
from tests import maintenance_factories as work
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared
from tests.sla.evidence.logs import Line, log_file, tables
from tests.sla.evidence.test_desk_alerts import told
from tests.worked_examples.paper_terms import PAPER_TERMS

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BEGAN = NOW - DAY
LATER = NOW + 3 * DAY


@shared
def sent(sent_claim: Claim) -> Claim:
    """Orders at 20 and 21 minutes into an outage of 95."""
    return sent_claim


@shared
def of_a_network() -> Finding:
    """A finding upon one outage of one customer."""
    customer = make.customer()
    outage = make.outage(customer=customer)
    return find.finding(start=BEGAN, customers=[customer], outage=outage)


def theirs(claim):
    return claim.contract.customer


def outage_of(claim):
    return claim.failures.get().outage


def spans(outage, customer, now=LATER):
    return [one.span for one in logged_pieces(outage, customer, PAPER_TERMS, now)]


class TestWhatItCuts:
    """S2, S6"""

    def test_the_minutes_from_to_as_maintenance_does(self):
        customer = make.customer()
        outage = make.outage(customer=customer, start=BEGAN, minutes=95)

        find.finding(start=BEGAN + 30 * MINUTE, minutes=10, customers=[customer], outage=outage)

        assert spans(outage, customer) == [
            Span(BEGAN, BEGAN + 30 * MINUTE),
            Span(BEGAN + 40 * MINUTE, BEGAN + 95 * MINUTE),
        ]

    def test_nothing_of_another_customer_and_nothing_of_another_outage(self):
        acme, other = make.customer(), make.customer()
        outage = make.outage(customers=[acme, other], start=BEGAN, minutes=95)
        later = make.outage(customer=acme, start=BEGAN + 5 * HOUR, minutes=40)

        find.finding(start=BEGAN, minutes=600, customers=[acme], outage=outage)

        assert spans(outage, acme) == []
        assert len(spans(outage, other)) == len(spans(later, acme)) == 1

    def test_of_everybody_and_of_no_outage_in_particular_all_of_that_time(self):
        acme, other = make.customer(), make.customer()
        outage = make.outage(customers=[acme, other], start=BEGAN, minutes=95)

        find.finding(kind="iii", start=BEGAN, minutes=66)

        assert spans(outage, acme) == spans(outage, other) == [Span(BEGAN + 66 * MINUTE, BEGAN + 95 * MINUTE)]

    def test_what_publishing_would_open_and_could_cost(self, gold):
        outage = make.outage(customer=gold.customer, start=BEGAN, minutes=95)

        find.finding(start=BEGAN, minutes=66, customers=[gold.customer], outage=outage)

        (found,) = opened_by(outage, NOW)
        assert not found.opens
        assert [isinstance(one, AvailabilityOutage) for one in found.pieces] == [False]

    def test_nothing_once_it_is_withdrawn(self, of_a_network):
        customer = of_a_network.named.get().customer
        assert spans(of_a_network.outage, customer) == [Span(BEGAN + 60 * MINUTE, BEGAN + 95 * MINUTE)]

        withdraw_finding(finding=of_a_network, reason="Another provider.", by=make.manager(), now=LATER)

        assert spans(of_a_network.outage, customer) == [Span(BEGAN, BEGAN + 95 * MINUTE)]


@shared
def customer(gold):
    """Of whom the alerts of the class below are."""
    source = log_file(NOW, make.manager()).pk
    by_push = told(BEGAN, None, channel="push", acknowledged=BEGAN + 30 * MINUTE)
    told_alerts = {2: ("INC-7", by_push), 3: ("INC-7", told(BEGAN, 30)), 4: ("INC-8", told(BEGAN, 30))}
    tables([Line(line, gold.customer_id, incident, one, source) for line, (incident, one) in told_alerts.items()])
    return gold.customer


class TestAnAlertThatCameLate:
    """S5 (B), S6: half an hour late by push and by phone, of one incident, and by phone of another."""

    def verdicts(self, customer):
        """By line, as the list has it; the page of each says the same (or this fails)."""
        during = Span(BEGAN - DAY, BEGAN + DAY)
        listed = {one.line: one.verdict for one in assessed(circumstances_of([customer.pk], during, NOW))}
        pages = {one.notification.line: one.verdict for one in examine(Notification.objects.order_by("line"), NOW)}
        assert listed == pages
        return listed

    @pytest.mark.parametrize(
        ("facts", "excluded"),
        [
            ({"kind": "i"}, {2, 3, 4}),
            ({"kind": "vii"}, {2}),
            ({"kind": "i", "channel": "phone"}, {3, 4}),
            ({"kind": "i", "incident": "INC-8"}, {4}),
            ({"kind": "i", "incident": "INC-7", "channel": "phone"}, {3}),
        ],
        ids=["everything", "push", "phone", "an incident", "an incident by phone"],
    )
    def test_is_excluded_by_what_binds_it_alone(self, customer, facts, excluded):
        find.finding(start=BEGAN, minutes=30, customers=[customer], **facts)

        found = self.verdicts(customer)

        assert {line for line, verdict in found.items() if verdict is Verdict.BY_CAUSE} == excluded
        assert {found[line] for line in {2, 3, 4} - excluded} <= {Verdict.FAILURE}

    def test_is_not_excluded_by_a_finding_of_another_customer(self, customer):
        find.finding(start=BEGAN, minutes=30, customers=[make.customer()])

        assert set(self.verdicts(customer).values()) == {Verdict.FAILURE}

    def test_in_an_outage_shares_what_excludes_the_outage(self, customer):
        """S8: the outage is presumed its cause; the rest of the time is its own."""
        outage = make.outage(customer=customer, start=BEGAN - 10 * MINUTE, minutes=50)
        find.finding(start=BEGAN - 20 * MINUTE, minutes=100, customers=[customer], outage=outage)

        assert set(self.verdicts(customer).values()) == {Verdict.BY_CAUSE}

    def test_that_no_outage_caused_shares_nothing_with_it(self, customer):
        """S8: a reviewer finds otherwise of one of them, and takes it back."""
        outage = make.outage(customer=customer, start=BEGAN - 10 * MINUTE, minutes=50)
        find.finding(start=BEGAN - 20 * MINUTE, minutes=100, customers=[customer], outage=outage)
        one = Notification.objects.select_related("source").get(line=3)
        by = make.manager()

        find_otherwise(alert=one, reason="The carrier's own log.", by=by, now=NOW)
        found = self.verdicts(customer)
        assert (found.pop(3), set(found.values())) == (Verdict.FAILURE, {Verdict.BY_CAUSE})

        take_finding_back(alert=one, by=by, now=NOW)
        assert self.verdicts(customer)[3] is Verdict.BY_CAUSE

    def test_after_an_outage_is_its_own_for_the_rest_whatever_excluded_the_outage(self, customer):
        outage = make.outage(customer=customer, start=BEGAN - 40 * MINUTE, minutes=50)
        find.finding(start=BEGAN - HOUR, minutes=200, customers=[customer], outage=outage)

        by_push, *_ = examine(Notification.objects.order_by("line"), NOW)

        assert by_push.delivery.period == 20 * MINUTE
        assert by_push.verdict is Verdict.FAILURE

    def test_in_minutes_that_another_outage_has_too_is_of_that_one(self, customer):
        outage = make.outage(customer=customer, start=BEGAN - 10 * MINUTE, minutes=50)
        make.outage(customer=customer, start=BEGAN - 10 * MINUTE, minutes=50, cause=outage.cause)
        find.finding(start=BEGAN - 20 * MINUTE, minutes=100, customers=[customer], outage=outage)

        assert set(self.verdicts(customer).values()) == {Verdict.IN_OUTAGE}

    def test_says_what_excluded_it_on_the_file_of_its_claim(self, customer):
        contract = customer.contracts.get()
        failure = make.failure(contract=contract, kind="B", began=BEGAN, minutes=30, incident="inc-7", channel="push")
        claim = make.sent_claim(draft=make.draft(failure=failure, complete=True))
        finding = find.finding(kind="vii", start=BEGAN, minutes=40, customers=[customer], now=LATER)

        working = assess(claim, now=LATER).working
        (step,) = (one for _, one in working.walk() if one.name == "excluded by its cause")

        assert [one.name for one in step.steps] == ["exclusion (vii)"]
        assert dict(step.steps[0].steps[0].inputs)["finding"] == finding.reference
        assert Recomputation.objects.get(claim=claim).remedy_after == timedelta()


class TestTheClaimsUponIt:
    """S19"""

    def test_an_open_one_is_computed_anew_and_says_so(self, sent):
        finding = find.finding(
            start=BEGAN + 15 * MINUTE, minutes=50, customers=[theirs(sent)], outage=outage_of(sent), now=LATER
        )

        found = Recomputation.objects.get(claim=sent)
        assert (found.matter, found.because) == (finding.reference, "an exclusion was found")
        assert (found.remedy_before, found.remedy_after) == (85 * MINUTE, 20 * MINUTE)
        assert (found.assessed_before, found.assessed_after) == (Decimal(2000), 0)
        assert Event.objects.filter(verb="claim.exclusion_changed", matter=sent.reference).count() == 1

    def test_a_decided_one_stands_and_says_so(self, decided_claim):
        def decision():
            return Claim.objects.values().get(pk=decided_claim.pk), decided_claim.proposals.values().get()

        before = decision()

        find.finding(start=BEGAN, minutes=95, customers=[theirs(decided_claim)], now=LATER)

        assert before == decision()
        assert Recomputation.objects.get().decided

    def test_one_of_another_customer_is_not_touched(self, sent):
        find.finding(start=BEGAN, minutes=95, customers=[make.customer()], now=LATER)

        assert not Recomputation.objects.exists()
        assert not Event.objects.filter(verb="claim.exclusion_changed").exists()

    def test_a_proposal_on_the_old_facts_is_not_approved(self, sent):
        proposal = make.proposal(claim=sent)
        find.finding(start=BEGAN, minutes=20, customers=[theirs(sent)], now=LATER)

        with pytest.raises(Refused, match="Facts have changed"):
            approve_proposal(proposal=proposal, by=make.approver(), now=LATER)

    def test_its_decision_keeps_what_was_excluded_and_why(self, sent):
        find.finding(start=BEGAN, minutes=10, customers=[theirs(sent)], now=LATER)

        kept = Step.from_json(make.proposal(claim=sent, now=LATER).working)

        (step,) = (one for _, one in kept.walk() if one.name == "exclusion (i)" and one.note)
        assert step.note == "Their internet provider had a failure."
        assert dict(step.inputs)["evidence"].startswith("Report 77 of the provider (provider-report.txt, SHA-256 ")

    def test_its_window_stays_and_a_published_outage_is_looked_at_again(self, sent):
        outage = outage_of(sent)
        publish_outage(outage=outage, by=make.manager(), now=NOW)
        Opening.objects.update(opened_at=NOW)
        told_deadline = sent.failures.get().closes_at

        find.finding(start=BEGAN, minutes=90, customers=[theirs(sent)], outage=outage, now=LATER)

        assert sent.failures.get().closes_at == told_deadline
        assert Opening.objects.get().opened_at is None


class TestWhatItWas:
    def test_stays_when_it_is_corrected(self, of_a_network):
        customer = of_a_network.named.get().customer
        shorter = find.found(start=BEGAN, minutes=10, customers=[customer], outage=of_a_network.outage)

        corrected = correct_finding(
            finding=of_a_network,
            found=shorter,
            document=of_a_network.document,
            reason="Ten minutes only.",
            by=make.manager(),
            now=LATER,
        )

        was = Finding.objects.get(pk=of_a_network.pk)
        assert (was.span.length, was.withdrawn_reason) == (
            HOUR,
            f"Corrected by {corrected.reference}: Ten minutes only.",
        )
        assert (corrected.corrects, corrected.span.length) == (was, 10 * MINUTE)
        assert spans(was.outage, customer) == [Span(BEGAN + 10 * MINUTE, BEGAN + 95 * MINUTE)]

    def test_is_neither_changed_nor_corrected_nor_withdrawn_again(self, of_a_network):
        withdraw_finding(finding=of_a_network, reason="x", by=make.manager(), now=LATER)

        for again in (
            lambda: withdraw_finding(finding=of_a_network, reason="x", by=make.manager(), now=LATER),
            lambda: correct_finding(
                finding=of_a_network,
                found=find.found(start=BEGAN),
                document=of_a_network.document,
                reason="x",
                by=make.manager(),
                now=LATER,
            ),
        ):
            with pytest.raises(Refused, match="stands no more"):
                again()

    @pytest.mark.parametrize(
        "change",
        [
            lambda: Finding.objects.update(statement="Another."),
            lambda: Finding.objects.all()._raw_delete("default"),
            lambda: FindingCustomer.objects.all()._raw_delete("default"),
        ],
        ids=["edited", "deleted", "taken from a customer"],
    )
    def test_cannot_be_edited_by_any_code(self, of_a_network, change):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    def test_stays_after_its_withdrawal_too(self, of_a_network):
        withdraw_finding(finding=of_a_network, reason="x", by=make.manager(), now=LATER)

        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Finding.objects.update(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"start": NOW - 10 * MINUTE, "minutes": 11}, "not_yet"),
            ({"start": BEGAN, "customers": []}, "nobody"),
        ],
    )
    def test_is_refused(self, facts, code):
        with pytest.raises(Refused) as refused:
            find.finding(**facts)

        assert refused.value.refusals[0].code == code

    def test_an_outage_that_was_not_theirs_is_refused(self, of_a_network):
        outage = of_a_network.outage
        for facts in ({"customers": [make.customer()]}, {"start": BEGAN - DAY}, {"kind": "vii"}):
            with pytest.raises(Refused) as refused:
                find.finding(**{"start": BEGAN, "outage": outage, **facts})
            assert refused.value.refusals[0].code in ("not_theirs", "alerts_only")

    def test_the_same_form_records_once(self, of_a_network):
        key, by = uuid.uuid4(), make.manager()
        twice = [find.finding(start=BEGAN, by=by, form_key=key) for _ in range(2)]

        assert twice[0] == twice[1]


def changed(**values):
    one = Finding.objects.get()
    for name, value in {"reference": "FND-2", "form_key": uuid.uuid4(), "pk": None, **values}.items():
        setattr(one, name, value)
    one.save(force_insert=True)


def examine_anew(**values):
    known = {"claim": Claim.objects.get(), "kind": "i", "note": "x", "examined_at": NOW, "examined_by": make.manager()}
    Examination.objects.create(**known | values)


REFUSED = {
    "a_finding_has_a_from_and_a_to": lambda: changed(during=DateTimeTZRange(NOW, None)),
    "maintenance_and_volume_are_computed_not_found": lambda: changed(kind="iv"),
    "force_majeure_and_responsibility_say_which": lambda: changed(kind="ii"),
    "no_finding_is_silent": lambda: changed(statement=""),
    "a_responsibility_has_its_document_and_state": lambda: changed(kind="vi", detail="contacts", rests_on="Guide"),
    "a_failure_of_push_is_of_the_push_channel": lambda: changed(kind="vii"),
    "a_finding_is_of_one_thing": lambda: changed(channel="sms"),
    "what_is_a_customers_own_names_its_customers": lambda: changed(kind="i", detail="", everybody=True),
    "an_incident_is_of_named_customers": lambda: changed(outage=None, incident="INC-7", everybody=True),
    "a_corrected_finding_says_why": lambda: changed(reason="x"),
    "a_withdrawn_finding_says_why": lambda: changed(withdrawn_at=NOW, withdrawn_by=make.manager()),
    "a_finding_names_a_customer_once": lambda: FindingCustomer.objects.create(
        finding=Finding.objects.get(), customer=FindingCustomer.objects.get().customer
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses_by_name(of_a_network, name):
    with pytest.raises(IntegrityError, match=name):
        REFUSED[name]()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("an_examination_says_what_was_looked_at", {"note": ""}),
        ("only_what_is_found_by_people_is_examined", {"kind": "v"}),
    ],
)
def test_an_examination_is_refused_by_name(sent, name, values):
    with pytest.raises(IntegrityError, match=name):
        examine_anew(**values)


def test_the_logs_of_several_reports_are_those_of_each_and_asked_at_once(django_assert_num_queries):
    """S2, S3, S6: each with the findings of its own time, and the maintenance of its own months."""
    work.year()
    contract, times = make.contract(), (BEGAN, BEGAN - 13 * DAY)
    for began in times:
        work.emergency(start=began + 5 * MINUTE, minutes=5, now=began + HOUR)
        find.finding(start=began + 80 * MINUTE, minutes=5)
    find.finding(start=BEGAN - 5 * DAY)
    june, may = (make.failure(contract=contract, began=began) for began in times)
    of, terms = contract.customer, terms_of(BEGAN)

    each = [logs_on(one.outage, of, terms, NOW) for one in (june, may)]
    assert [(len(one.maintenance), len(one.findings), one.began) for one in each] == [(1, 1, began) for began in times]
    logs_of_claimed([june], of, terms, NOW)
    with CaptureQueriesContext(connection) as asked:
        logs_of_claimed([june], of, terms, NOW)
    with django_assert_num_queries(len(asked)):
        assert logs_of_claimed([june, may], of, terms, NOW) == ((june, each[0]), (may, each[1]))


def test_of_an_outage_that_begins_this_moment_nothing_is_found_yet():
    of, terms = make.contract().customer, terms_of(NOW)
    find.finding(start=NOW - HOUR, minutes=60)

    found = logs_on(make.outage(customer=of, start=NOW, minutes=None), of, terms, NOW)

    assert (found.down, found.findings, found.pieces) == (((NOW, None),), (), ())

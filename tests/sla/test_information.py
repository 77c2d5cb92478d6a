"""S19: the reviewer asks, the customer answers in time, or the deadline returns the claim to review as it stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from entitlements.actions.refused import Refused
from entitlements.models import Contract, Event, Letter, MissedReminder, Role, ZonePeriod
from entitlements.notices import thawed
from sla.actions.claims import withdraw_claim
from sla.actions.decisions import propose_decision, take_claim
from sla.actions.information import answer_information, ask_for_information, end_unanswered, take_back_request
from sla.information import no_longer_true, remind_of_request
from sla.models import Claim, InformationRequest
from sla.sweep import MARGIN, sweep
from tests import factories as make
from tests.desk import signed_in as at_the_desk
from tests.factories import DAY, HOUR, NOW
from tests.question_factories import LEDGER, asked
from tests.shared import shared

TICK = timedelta(microseconds=1)


@shared
def request_made(sent_claim: Claim) -> InformationRequest:
    return asked(claim=sent_claim)


def code(refused) -> str:
    return refused.value.refusals[0].code


def answer(request: InformationRequest, now=NOW + 2 * DAY, words: str = "Here it is.") -> InformationRequest:
    return answer_information(request=request, answer=words, by=request.claim.opened_by, now=now)


class TestAsking:
    def test_the_claim_waits_and_the_reviewer_has_it(self, request_made) -> None:
        claim = Claim.objects.get()

        assert (claim.state, claim.taken_by) == ("information_requested", request_made.asked_by)
        assert Event.objects.filter(verb="claim.information_requested", matter=claim.reference).count() == 1

    def test_the_letter_says_what_by_when_and_what_silence_does(self, request_made) -> None:
        letter = Letter.objects.filter(kind="information_requested").earliest("pk")

        assert (letter.deadline, letter.urgent) == (request_made.answer_by, True)
        assert {request_made.claim.contact_email} <= set(
            Letter.objects.filter(kind="information_requested").values_list("addressee", flat=True)
        )

    def test_a_second_is_not_asked_while_one_is_open(self, request_made) -> None:
        with pytest.raises(Refused) as refused:
            asked(claim=request_made.claim)

        assert code(refused) == "already_moved_on"

    def test_the_same_question_sent_twice_is_one(self, request_made) -> None:
        """X9: a form that was sent again says nothing new."""
        letters = Letter.objects.count()

        assert asked(claim=request_made.claim, by=request_made.asked_by) == request_made
        assert Letter.objects.count() == letters

    def test_not_while_a_proposal_waits(self, proposal) -> None:
        with pytest.raises(Refused) as refused:
            asked(claim=proposal.claim)

        assert code(refused) == "one_waits"

    def test_not_by_the_customers_own_people_and_not_without_time(self, sent_claim) -> None:
        later = {"asked_for": "x", "answer_by": NOW + 2 * DAY}
        with pytest.raises(Refused) as own:
            ask_for_information(claim=sent_claim, **later, by=sent_claim.opened_by, now=NOW + DAY)
        with pytest.raises(Refused) as over:
            asked(claim=sent_claim, answer_by=NOW + DAY)

        assert (code(own), code(over)) == ("own_claim", "no_time")

    def test_nothing_is_proposed_meanwhile(self, request_made) -> None:
        with pytest.raises(Refused):
            propose_decision(
                claim=request_made.claim, outcome="deny", grounds="S9", by=make.manager(), now=NOW + 2 * DAY
            )


class TestAskingAgainForTheSameDay:
    """The second is a letter of its own, with its own words and reminders; what waits of the first is not sent any more."""

    def test_once_the_first_was_taken_back(self, request_made) -> None:
        take_back_request(claim=request_made.claim, by=make.manager(), now=NOW + DAY + HOUR)
        again = asked(claim=request_made.claim, asked_for="The bank's letter.", now=NOW + DAY + 2 * HOUR)

        first, second = self.letters(LEDGER), self.letters("The bank's letter.")
        assert len(first) == len(second) > 0
        assert no_longer_true([*first, *second], again.asked_at) == {one.pk for one in first}

    def test_once_the_first_was_answered_and_told_of(self, request_made) -> None:
        at = request_made.answer_by - DAY
        remind_of_request(informationrequest=request_made, now=at)
        answer(request_made, now=at)
        again = asked(claim=request_made.claim, asked_for="The bank's letter.", now=at - HOUR)

        assert remind_of_request(informationrequest=again, now=at + HOUR) is True
        reminders = self.letters("The bank's letter.", kind="information_reminder")
        assert {one.point for one in reminders} == {f"1d/{again.pk}"}
        assert no_longer_true(reminders, at + HOUR) == set()

    def letters(self, words: str, kind: str = "information_requested") -> list[Letter]:
        return [one for one in Letter.objects.filter(kind=kind) if thawed(one.context)["asked_for"] == words]


class TestAnswering:
    def test_it_returns_the_claim_to_review(self, request_made) -> None:
        kept = answer(request_made)

        assert (kept.answer, kept.answered_at) == ("Here it is.", NOW + 2 * DAY)
        assert Claim.objects.get().state == "in_review"

    def test_the_last_instant_is_in_time_the_deadline_is_late(self, request_made) -> None:
        """T4: whether or not the sweep has run."""
        with pytest.raises(Refused) as refused:
            answer(request_made, now=request_made.answer_by)
        answer(request_made, now=request_made.answer_by - TICK)

        assert code(refused) == "not_asked_any_more"

    def test_in_time_it_counts_though_the_desk_has_ended_the_request_meanwhile(self, request_made) -> None:
        """T4: an act of a reviewer at the deadline, while the answer waited for the lock."""
        take_claim(claim=request_made.claim, by=request_made.asked_by, now=request_made.answer_by)
        kept = answer(request_made, now=request_made.answer_by - TICK)

        assert (kept.answered_at, kept.ended_at) == (request_made.answer_by - TICK, None)
        assert Claim.objects.get().state == "in_review"

    def test_sent_twice_it_is_one_and_other_words_are_refused(self, request_made) -> None:
        """X9."""
        answer(request_made)
        answer(request_made, now=NOW + 2 * DAY + HOUR)

        assert Event.objects.filter(verb="claim.information_given").count() == 1
        with pytest.raises(Refused):
            answer(request_made, words="Something else.")

    def test_documents_are_taken_until_its_deadline_and_marked_as_asked_for(self, request_made) -> None:
        """S13: after the time to claim only what was asked for."""
        claim = request_made.claim
        Claim.objects.filter(pk=claim.pk).update(closes_at=NOW + 2 * HOUR)

        kept = make.evidence(claim=claim, file=make.document(content=b"more"), now=request_made.answer_by - TICK)
        with pytest.raises(Refused):
            make.evidence(claim=claim, file=make.document(content=b"most"), now=request_made.answer_by)

        assert (kept.later, kept.asked_for, kept.uploaded_at) == (True, True, request_made.answer_by - TICK)


class TestItsEnd:
    """S19, T3: unanswered, the claim is in review as of the deadline, however late the clock runs."""

    def test_as_of_its_deadline(self, request_made) -> None:
        late = request_made.answer_by + 9 * DAY

        run = sweep(now=late, application_now=late)

        request_made.refresh_from_db()
        assert run.done["requests unanswered"] == 1
        assert (request_made.ended_at, request_made.ended_by) == (request_made.answer_by, None)
        assert Claim.objects.get().state == "in_review"
        assert Event.objects.get(verb="claim.not_answered").happened_at == request_made.answer_by

    def test_what_a_clock_that_stood_still_did_not_remind_of_is_on_record(self, request_made) -> None:
        sweep(now=request_made.answer_by - 2 * DAY, application_now=request_made.answer_by - 2 * DAY)
        late = request_made.answer_by + 9 * DAY

        sweep(now=late, application_now=late)

        missed = MissedReminder.objects.filter(matter=request_made.claim.reference)
        assert list(missed.order_by("due_at").values_list("point", "deadline")) == [
            (point, request_made.answer_by) for point in ("1d", "4h")
        ]

    def test_a_zone_that_is_none_does_not_hinder_it(self, request_made) -> None:
        Contract.objects.update(zone="Mars/Olympus")
        ZonePeriod.objects.update(zone="Mars/Olympus")
        late = request_made.answer_by + 9 * DAY

        sweep(now=late, application_now=late)

        assert Claim.objects.get().state == "in_review"

    def test_the_sweep_waits_its_margin_and_an_act_before_it_finds_the_same(self, request_made) -> None:
        soon = request_made.answer_by + MARGIN - TICK

        sweep(now=soon, application_now=soon)
        assert Claim.objects.get().state == "information_requested"

        taken = take_claim(claim=request_made.claim, by=make.manager(), now=soon)
        assert taken.state == "in_review"
        assert end_unanswered(informationrequest=request_made, now=soon) is True
        assert Event.objects.filter(verb="claim.not_answered").count() == 1

    def test_one_that_was_answered_does_not_end(self, request_made) -> None:
        answer(request_made)

        assert end_unanswered(informationrequest=request_made, now=request_made.answer_by + DAY) is False

    def test_taken_back_by_the_reviewer_or_with_the_claim(self, request_made) -> None:
        claim, by = request_made.claim, make.manager()

        take_back_request(claim=claim, by=by, now=NOW + 2 * DAY)
        again = asked(claim=claim)
        withdraw_claim(claim=claim, by=claim.opened_by, now=NOW + 3 * DAY)

        ended = InformationRequest.objects.order_by("pk").values_list("ended_at", "ended_by")
        assert list(ended) == [(NOW + 2 * DAY, by.pk), (NOW + 3 * DAY, claim.opened_by_id)]
        assert not InformationRequest.objects.open().filter(pk=again.pk).exists()


class TestReminders:
    """N14: three days, one day, four hours before; only the latest true one, and none once it is answered."""

    def test_the_latest_point_and_then_no_more_until_the_next(self, request_made) -> None:
        at = request_made.answer_by - DAY

        assert remind_of_request(informationrequest=request_made, now=at) is True
        assert remind_of_request(informationrequest=request_made, now=at) is False
        request_made.refresh_from_db()
        assert request_made.remind_at == request_made.answer_by - 4 * HOUR
        assert set(Letter.objects.filter(kind="information_reminder").values_list("point", flat=True)) == {
            f"1d/{request_made.pk}"
        }

    def test_what_is_answered_is_not_told_of_any_more(self, request_made) -> None:
        at = request_made.answer_by - DAY
        remind_of_request(informationrequest=request_made, now=at)
        letters = list(Letter.objects.filter(kind__startswith="information_"))

        assert no_longer_true(letters, at) == set()
        answer(request_made, now=at)
        assert no_longer_true(letters, at) == {one.pk for one in letters}


class TestThePortal:
    def test_it_stands_at_the_top_of_home_and_claim_until_it_is_over(self, signed_in, clock, request_made) -> None:
        claim = request_made.claim
        browser, page = signed_in(claim.opened_by), reverse("claim", args=[claim.reference])
        clock(NOW + 2 * DAY)

        home, shown = (browser.get(one).content.decode() for one in (reverse("home"), page))
        assert f"Answer our question about claim {claim.reference}" in home
        assert "The ledger of that morning.<br>" in shown
        assert "Sunday, June 21, 2026, 9:59 a.m. Eastern Time" in shown

        clock(request_made.answer_by)
        assert "Answer our question" not in browser.get(reverse("home")).content.decode()
        assert "We need something from you" not in browser.get(page).content.decode()
        assert browser.get(reverse("answer_information", args=[claim.reference])).status_code == 302

    def test_a_document_and_an_answer(self, signed_in, clock, request_made) -> None:
        claim = request_made.claim
        browser, page = signed_in(claim.opened_by), reverse("answer_information", args=[claim.reference])
        clock(NOW + 2 * DAY)
        make.evidence(claim=claim, file=make.document(content=b"more"), now=NOW + 2 * DAY)

        assert "later evidence, as we asked" in browser.get(page).content.decode()
        assert "<title>Error: " in browser.post(page, {"answer": ""}).content.decode()
        browser.post(
            page, {"request": request_made.pk, "answer": "Page 2.", "state": "approved", "answered_at": "2020-01-01"}
        )

        request_made.refresh_from_db()
        assert (request_made.answer, request_made.answered_at) == ("Page 2.", NOW + 2 * DAY)
        assert "Page 2." in browser.get(reverse("claim", args=[claim.reference])).content.decode()

    def test_an_old_page_answers_no_other_request(self, signed_in, clock, request_made) -> None:
        """X9: what was typed under one question is never kept as the answer to another."""
        claim = request_made.claim
        browser, page = signed_in(claim.opened_by), reverse("answer_information", args=[claim.reference])
        clock(NOW + 2 * DAY)
        old = browser.get(page).context["form"]["request"].value()
        take_back_request(claim=claim, by=make.manager(), now=NOW + 2 * DAY)
        again = asked(claim=claim, asked_for="The bank's letter.", now=NOW + 2 * DAY)

        shown = browser.post(page, {"request": old, "answer": "To the first."}, follow=True).content.decode()
        nameless = browser.post(page, {"answer": "To the first."}).content.decode()

        again.refresh_from_db()
        assert (old, again.answered_at) == (request_made.pk, None)
        assert "We took this question back" in shown
        assert "This page is too old" in nameless

    def test_who_may_only_read_sees_it_and_cannot_answer(self, signed_in, request_made) -> None:
        customer = request_made.claim.contract.customer
        browser = signed_in(make.member(customer=customer, roles=[Role.READ_ONLY]))
        page = reverse("answer_information", args=[request_made.claim.reference])

        assert "<textarea" not in browser.get(page).content.decode()
        assert browser.post(page, {"answer": "x"}).status_code == 403


class TestTheDesk:
    def post(self, claim: Claim, name: str, **form):
        return at_the_desk(make.manager()).post(reverse(f"admin:{name}", args=[claim.reference]), form, follow=True)

    def test_asks_until_the_end_of_a_day_of_the_contract(self, sent_claim, clock) -> None:
        page = self.post(
            sent_claim, "ask_for_information", **{"ask-asked_for": LEDGER, "ask-day": "2026-06-20"}
        ).content.decode()

        made = InformationRequest.objects.get()
        assert made.answer_by.isoformat() == "2026-06-21T04:00:00+00:00"
        assert "Take the request back" in page
        assert "Propose a decision" not in page

    @pytest.mark.parametrize("day", ["2026-06-10", "2026-12-24", ""])
    def test_a_day_that_leaves_no_time_or_too_much_comes_back_with_what_was_typed(self, sent_claim, clock, day) -> None:
        form = {"ask-asked_for": LEDGER, "ask-day": day}

        page = self.post(sent_claim, "ask_for_information", **form).content.decode()

        assert "Who confirmed order 2?" in page
        assert "There is a problem" in page
        assert not InformationRequest.objects.exists()

    def test_takes_it_back(self, request_made, clock) -> None:
        clock(NOW + 2 * DAY)

        assert "Propose a decision" in self.post(request_made.claim, "take_back_request").content.decode()

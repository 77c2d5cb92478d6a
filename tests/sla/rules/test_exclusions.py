import pytest

from sla.rules.exclusions import (
    ExclusionKind,
    ForceMajeure,
    Outcome,
    Responsibility,
    Side,
    applied,
    binding,
    checklist,
    of_outage,
)
from tests.sla.rules.given import finding, span, spans

KINDS = list(ExclusionKind)
MORNING = spans(("09:00", "13:00"))


class TestAnExclusion:
    """S6"""

    def test_is_one_of_eight_in_the_order_of_the_document(self):
        assert [kind.numeral for kind in ExclusionKind] == ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii"]

    @pytest.mark.parametrize("kind", KINDS)
    def test_binds_availability_unless_it_speaks_of_alerts(self, kind):
        assert kind.binds(Side.AVAILABILITY, "push") is (kind.numeral not in ("v", "vii"))

    @pytest.mark.parametrize("kind", KINDS)
    def test_binds_every_alert_by_push(self, kind):
        assert kind.binds(Side.DELIVERY, "push")

    @pytest.mark.parametrize("channel", ["phone", "sms", "email", None])
    def test_of_the_push_channel_binds_no_other_channel(self, channel):
        assert not ExclusionKind.PUSH_CHANNEL.binds(Side.DELIVERY, channel)
        assert ExclusionKind.VOLUME.binds(Side.DELIVERY, channel)


class TestAFinding:
    """S6"""

    @pytest.mark.parametrize("kind", [ExclusionKind.MAINTENANCE, ExclusionKind.VOLUME])
    def test_of_what_is_computed_is_refused(self, kind):
        with pytest.raises(ValueError, match=rf"\({kind.numeral}\) is computed"):
            finding(kind, "10:00", "11:00")

    @pytest.mark.parametrize("missing", ["evidence", "author", "statement"])
    def test_is_never_silent(self, missing):
        with pytest.raises(ValueError, match=r"\(i\) needs evidence, an author and a statement"):
            finding(ExclusionKind.CUSTOMER_NETWORK, "10:00", "11:00", **{missing: " "})

    @pytest.mark.parametrize("detail", ForceMajeure)
    def test_of_force_majeure_names_one_of_six_kinds(self, detail):
        assert len(ForceMajeure) == 6
        assert finding(ExclusionKind.FORCE_MAJEURE, "10:00", "11:00", detail=detail).detail == detail

    @pytest.mark.parametrize("detail", Responsibility)
    def test_of_a_responsibility_names_which(self, detail):
        assert finding(ExclusionKind.CUSTOMER_RESPONSIBILITY, "10:00", "11:00", detail=detail).detail == detail

    @pytest.mark.parametrize("kind", [ExclusionKind.FORCE_MAJEURE, ExclusionKind.CUSTOMER_RESPONSIBILITY])
    @pytest.mark.parametrize("detail", ["", "bad luck"])
    def test_with_no_such_kind_is_refused(self, kind, detail):
        with pytest.raises(ValueError, match=rf"\({kind.numeral}\) has no such kind: '{detail}'"):
            finding(kind, "10:00", "11:00", detail=detail)

    def test_of_any_other_cause_may_carry_a_detail_of_its_own(self):
        assert finding(ExclusionKind.OUTSIDE_CONTROL, "10:00", "11:00", detail="meteor").detail == "meteor"

    def test_shows_evidence_and_author(self):
        working = finding(ExclusionKind.OUTSIDE_CONTROL, "10:00", "11:00", detail="meteor").working

        assert (working.name, working.result) == ("exclusion (viii)", span("10:00", "11:00"))
        assert dict(working.inputs) == {
            "finding": "",
            "detail": "meteor",
            "evidence": "ticket 7",
            "author": "Ada",
            "channel": "",
            "incident": "",
        }
        assert working.note == "The customer's own line was down."

    def test_binds_by_side_and_channel_in_order_of_time(self):
        later = finding(ExclusionKind.INTERNET, "11:00", "12:00")
        push = finding(ExclusionKind.PUSH_CHANNEL, "10:00", "11:00")
        network = finding(ExclusionKind.CUSTOMER_NETWORK, "10:00", "11:00")

        assert binding([later, push, network], Side.DELIVERY, "push") == (network, push, later)
        assert binding([later, push, network], Side.DELIVERY, "sms") == (network, later)
        assert binding([later, push, network], Side.AVAILABILITY) == (network, later)


class TestAFindingOfAlerts:
    """S6: by a channel or of an incident, it is of those only, and never of an outage."""

    BY_PHONE = finding(ExclusionKind.INTERNET, "10:00", "11:00", channel="phone")
    OF_ONE = finding(ExclusionKind.INTERNET, "10:00", "11:00", incident="INC-7")

    def test_binds_the_channel_that_it_names(self):
        assert binding([self.BY_PHONE], Side.DELIVERY, "phone", "INC-7") == (self.BY_PHONE,)
        assert binding([self.BY_PHONE], Side.DELIVERY, "sms", "INC-7") == ()

    def test_binds_the_incident_that_it_names(self):
        assert binding([self.OF_ONE], Side.DELIVERY, "sms", "INC-7") == (self.OF_ONE,)
        assert binding([self.OF_ONE], Side.DELIVERY, "sms", "INC-8") == ()

    def test_binds_no_outage(self):
        assert binding([self.BY_PHONE, self.OF_ONE], Side.AVAILABILITY) == ()


class TestAFindingUponAnOutage:
    """S6, S8: for everything that the customer had then."""

    def test_holds_in_the_minutes_in_which_that_outage_alone_has_it_down(self):
        one = finding(ExclusionKind.INTERNET, "10:00", "11:00")

        found = of_outage(one, spans(("10:10", "10:20"), ("10:40", "11:30")), spans(("10:50", "12:00")))

        assert [part.span for part in found] == list(spans(("10:10", "10:20"), ("10:40", "10:50")))
        assert {(part.evidence, part.by_outage) for part in found} == {("ticket 7", True)}


class TestWhatWasApplied:
    """S6: nothing is excluded silently."""

    def test_is_a_step_of_the_file_with_each_finding(self):
        lines = checklist(
            Side.DELIVERY,
            [finding(ExclusionKind.INTERNET, "10:00", "10:30")],
            within=MORNING,
            examined=[],
            volume=spans(("10:00", "10:15")),
        )

        step = applied("DF-1", lines)

        assert (step.result, dict(step.inputs)) == (spans(("10:00", "10:30")), {"failure": "DF-1"})
        assert [(one.name, len(one.steps)) for one in step.steps] == [("exclusion (iii)", 1), ("exclusion (v)", 0)]

    def test_is_nothing_where_nothing_was(self):
        assert applied("DF-1", checklist(Side.DELIVERY, [], within=MORNING, examined=KINDS)) is None


class TestTheChecklist:
    """S6"""

    def test_leaves_nothing_out(self):
        lines = checklist(
            Side.DELIVERY,
            [finding(ExclusionKind.INTERNET, "10:00", "10:30"), finding(ExclusionKind.INTERNET, "10:20", "11:00")],
            within=MORNING,
            examined=[ExclusionKind.CUSTOMER_NETWORK],
            maintenance=spans(("12:00", "13:00")),
            channel="sms",
        )

        assert [(line.kind.numeral, line.outcome, line.spans) for line in lines] == [
            ("i", Outcome.NOT_FOUND, ()),
            ("ii", Outcome.NOT_EXAMINED, ()),
            ("iii", Outcome.FOUND, spans(("10:00", "11:00"))),
            ("iv", Outcome.FOUND, spans(("12:00", "13:00"))),
            ("v", Outcome.NOT_FOUND, ()),
            ("vi", Outcome.NOT_EXAMINED, ()),
            ("vii", Outcome.DOES_NOT_BIND, ()),
            ("viii", Outcome.NOT_EXAMINED, ()),
        ]

    def test_cuts_by_a_finding_only_what_is_asked_about(self):
        findings = [
            finding(ExclusionKind.INTERNET, "10:00", "12:00"),
            finding(ExclusionKind.CUSTOMER_NETWORK, "08:00", "10:30"),
        ]

        lines = checklist(
            Side.AVAILABILITY, findings, within=spans(("10:30", "11:00"), ("11:30", "12:30")), examined=[]
        )

        assert lines[2].spans == spans(("10:30", "11:00"), ("11:30", "12:00"))
        assert (lines[0].outcome, lines[0].spans) == (Outcome.NOT_EXAMINED, ())

    def test_shows_what_volume_excludes_of_an_alert(self):
        lines = checklist(
            Side.DELIVERY, [], within=MORNING, examined=[], volume=spans(("10:00", "10:15")), channel="push"
        )

        assert lines[4].outcome is Outcome.FOUND
        assert lines[6].outcome is Outcome.NOT_EXAMINED

    def test_does_not_hold_volume_against_an_outage(self):
        lines = checklist(Side.AVAILABILITY, [], within=MORNING, examined=KINDS, volume=spans(("10:00", "10:15")))

        assert [line.outcome for line in lines] == [
            Outcome.DOES_NOT_BIND if line.kind.numeral in ("v", "vii") else Outcome.NOT_FOUND for line in lines
        ]

    def test_prints_each_line(self):
        line = checklist(Side.DELIVERY, [], within=MORNING, examined=[], maintenance=spans(("12:00", "13:00")))[3]

        assert (line.working.name, line.working.result) == ("exclusion (iv)", "found")
        assert dict(line.working.inputs) == {"spans": spans(("12:00", "13:00"))}

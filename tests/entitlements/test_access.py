"""P26: who may see or do what. Another customer's object is not there at all."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from entitlements import access
from entitlements.access import Who
from entitlements.models import Contract, Engagement, Letter, Role
from sla import access as sla_access
from tests import factories as make
from tests.factories import NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOBODY, ROLES = "nobody", list(Role.values)
VISITORS = [NOBODY, "a stranger", *ROLES, "somebody who left", "somebody switched off", "manager", "approver"]


def visitor(kind):
    match kind:
        case "nobody":
            return AnonymousUser()
        case "a stranger":
            return make.person()
        case "manager":
            return make.manager()
        case "approver":
            return make.approver()
        case "somebody who left":
            user = make.member(roles=ROLES)
            user.memberships.update(left_at=NOW, left_by=user)
            return user
        case "somebody switched off":
            return make.member(roles=ROLES, is_active=False)
    return make.member(roles=[kind])


OPEN_TO = {
    Who.ANYONE: VISITORS,
    Who.SIGNED_IN: VISITORS[1:],
    Who.CUSTOMERS: ROLES,
    Who.BOOKERS: ["owner", "bookings"],
    Who.CLAIMANTS: ["owner", "claims"],
    Who.SIGNATORIES: ["owner", "signatory"],
    Who.OWNERS: ["owner"],
    Who.MANAGERS: ["manager", "approver"],
    Who.APPROVERS: ["approver"],
}


class TestTheGroups:
    def test_each_group_is_listed(self):
        assert set(OPEN_TO) == set(Who)

    @pytest.mark.parametrize("kind", VISITORS)
    def test_they_are_who_they_say(self, kind):
        user = visitor(kind)

        assert {who: access.is_one_of(user, who) for who in Who} == {who: kind in OPEN_TO[who] for who in Who}

    @pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}])
    def test_may_approve_alone_is_not_enough(self, fields):
        assert not access.may_approve(
            make.approver(**fields) if "is_active" in fields else make.person(may_approve=True)
        )


class TestAView:
    def view(self, who):
        return access.open_to(who)(lambda request: HttpResponse("in"))

    def test_it_says_whom_it_is_open_to(self):
        assert self.view(Who.MANAGERS).open_to is Who.MANAGERS

    def test_it_lets_them_in(self, rf):
        request = rf.get("/x/")
        request.user = make.manager()

        assert self.view(Who.MANAGERS)(request).content == b"in"

    def test_it_asks_a_visitor_to_sign_in_and_come_back(self, rf):
        request = rf.get("/x/?a=1")
        request.user = AnonymousUser()

        response = self.view(Who.CUSTOMERS)(request)

        assert response.status_code == 302
        assert response.url.endswith("?next=/x/%3Fa%3D1")

    def test_it_refuses_the_others(self, rf):
        request = rf.get("/x/")
        request.user = make.member()

        with pytest.raises(PermissionDenied):
            self.view(Who.MANAGERS)(request)


@shared
def as_much_of_another():
    """What `decided_claim` and `scheduled` are, of another customer."""
    other = make.contract()
    make.decided(proposal=make.proposal(contract=other))
    make.scheduled(contract=other)


class TestWhatIsSeen:
    """P26: the own customer's things, and nobody else's; a manager sees all, but no draft's evidence."""

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.usefixtures("decided_claim", "scheduled", "as_much_of_another")
    def test_the_own_customers_people_see_their_own(self, role, gold):
        user = make.member(customer=gold.customer, roles=[role])

        seen = {
            "contracts": set(access.contracts_visible_to(user).values_list("customer", flat=True)),
            "engagements": set(access.engagements_visible_to(user).values_list("contract__customer", flat=True)),
            "letters": set(access.letters_visible_to(user).values_list("customer", flat=True)),
            "failures": set(sla_access.failures_visible_to(user).values_list("contract__customer", flat=True)),
            "claims": set(sla_access.claims_visible_to(user).values_list("contract__customer", flat=True)),
            "evidence": set(sla_access.evidence_visible_to(user).values_list("claim__contract__customer", flat=True)),
            "credits": set(sla_access.credit_entries_visible_to(user).values_list("customer", flat=True)),
        }

        assert seen == {key: {gold.customer_id} for key in seen}

    @pytest.mark.parametrize("kind", [NOBODY, "a stranger", "somebody who left", "somebody switched off"])
    @pytest.mark.usefixtures("scheduled")
    def test_whoever_belongs_to_nobody_sees_nothing(self, kind):
        user = visitor(kind)

        assert not access.contracts_visible_to(user)
        assert not access.engagements_visible_to(user)
        assert not access.letters_visible_to(user)

    @pytest.mark.usefixtures("scheduled")
    def test_a_manager_sees_all(self):
        manager = make.manager()

        assert access.contracts_visible_to(manager).count() == Contract.objects.count()
        assert access.engagements_visible_to(manager).count() == Engagement.objects.count()
        assert access.letters_visible_to(manager).count() == Letter.objects.count()

    def test_a_drafts_evidence_is_the_customers_alone(self, complete_draft):
        manager, owner = make.manager(), make.member(customer=complete_draft.contract.customer)

        assert sla_access.evidence_visible_to(owner).count() == 1
        assert not sla_access.evidence_visible_to(manager)
        make.sent_claim(draft=complete_draft)
        assert sla_access.evidence_visible_to(manager).count() == 1

    def test_roles_of_one_customer_do_not_reach_another(self):
        here, there = make.customer(), make.customer()
        user = make.member(customer=here, roles=["bookings"])
        make.Membership.objects.create(user=user, customer=there, roles=["claims"])

        assert access.may_book(user, here)
        assert not access.may_book(user, there)
        assert access.may_claim(user, there)
        assert not access.may_claim(user, here)

    def test_letters_go_to_the_people_of_a_role_who_are_there(self):
        customer = make.customer()
        claims = make.member(customer=customer, roles=["claims", "bookings"])
        make.member(customer=customer, roles=["read_only"])
        make.member(customer=customer, roles=["claims"], is_active=False)
        gone = make.member(customer=customer, roles=["claims"])
        gone.memberships.update(left_at=NOW, left_by=claims)

        assert list(access.people_of(customer, Role.CLAIMS, Role.BOOKINGS)) == [claims]

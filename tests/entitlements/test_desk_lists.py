from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import results
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.access import Who
from entitlements.models import Event, Letter, Membership, SweepRun, User
from entitlements.reminder_letters import unused_reminder
from tests import factories as make
from tests.desk import at, signed_in

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, make.NOW)


def list_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


class TestLists:
    """M10: what is on record is looked up here; nothing is deleted, nothing is done in bulk."""

    @pytest.mark.usefixtures("decided_claim", "scheduled")
    def test_a_record_opens_for_a_manager_without_permission_rows(self):
        client = signed_in(make.person(is_staff=True))

        records = [
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[one.pk])
            for model in MODELS
            if (one := model.objects.first())
        ]

        assert len(records) > 10
        opened = {address: client.get(address, follow=True).status_code for address in records}
        assert opened == dict.fromkeys(records, 200)

    @pytest.mark.usefixtures("decided_claim", "scheduled")
    @pytest.mark.parametrize("asked", [{}, {"o": "1"}])
    def test_each_has_the_cells_of_djangos_own_table(self, asked):
        """And its links lead back to the list as it was ordered."""
        client = signed_in(make.manager())

        compared = 0
        for model in MODELS:
            answer = client.get(list_of(model), asked)
            own = ["".join(cells) for cells in results(answer.context["cl"])]
            shown = re.findall("<tr>(<t[dh] class=.*)</tr>", answer.content.decode())
            assert shown == own, model
            compared += len(own)
        assert compared > 20

    def test_nobody_can_delete_or_act_in_bulk_not_even_a_superuser(self, rf):
        request = rf.get("/")
        request.user = make.manager(is_active=True)
        registered = {model._meta.label: admin.site._registry[model] for model in MODELS}

        assert [name for name, one in registered.items() if one.has_delete_permission(request)] == []
        assert [name for name, one in registered.items() if one.get_actions(request)] == []

    def test_a_search_finds_nothing_and_says_so(self):
        answer = signed_in(make.manager()).get(reverse("admin:entitlements_customer_changelist"), {"q": "zzz"})

        assert b"Nothing is found" in answer.content

    def test_its_title_keeps_the_letters_of_an_abbreviation(self):
        shown = signed_in(make.manager()).get(reverse("admin:entitlements_engineer_changelist")).content.decode()

        assert "CSEs" in shown
        assert "Cses" not in shown

    def test_a_form_with_errors_says_so_once_in_its_title(self):
        shown = signed_in(make.manager()).post(reverse("admin:entitlements_engineer_add"), {}).content.decode()

        assert "<title>Error: Add" in shown

    def test_a_letter_that_is_not_written_out_is_named_in_words(self):
        letter = Letter(kind="unused_reminder", matter="year-6", addressee="olivia@customer.example")

        assert str(letter) == "Unused reminder to olivia@customer.example"

    @pytest.mark.usefixtures("scheduled")
    def test_a_list_and_its_file_ask_as_many_questions_for_four_engagements_as_for_one(self):
        client = signed_in(make.manager())

        def asked(name, **query):
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(f"admin:entitlements_{name}_changelist"), query).getvalue()
            return len(queries)

        def all_asked():
            names = ("engagement", "contract", "letter", "event")
            return {name: (asked(name), asked(name, format="csv")) for name in names}

        all_asked()  # from the second page on, who is signed in is read with the session
        for_one = all_asked()
        for _ in range(3):
            make.scheduled()

        assert all_asked() == for_one


class TestLettersAndTurns:
    """What the product wrote down itself is told in words."""

    def opened(self, name, **asked):
        return signed_in(make.manager()).get(reverse(f"admin:entitlements_{name}_changelist"), asked).content.decode()

    def test_letters_are_narrowed_by_what_the_list_calls_them(self):
        make.scheduled()
        shown = self.opened("letter")

        assert '<a href="?kind=session_booked">Session booked</a>' in " ".join(shown.split())
        assert ">session_booked<" not in shown
        assert "Unused reminder" not in shown

    def test_a_contract_year_is_named_by_its_order_form(self):
        """T2: on the list, on the dossier and on its paper; it has no reference of its own."""
        year = make.contract().years.get(n=1)
        with transaction.atomic():
            unused_reminder(year, [], to=[make.member(customer=year.contract.customer)], point="60d", now=make.NOW)
        letter = Letter.objects.get()
        dossier = signed_in(make.manager()).get(reverse("admin:entitlements_letter_change", args=[letter.pk]))

        assert letter.matter == f"year-{year.pk}"
        for shown in (self.opened("letter"), dossier.content.decode()):
            assert year.contract.order_form in shown
            assert letter.matter not in shown

    def test_a_turn_of_the_clock_says_how_long_and_how_late_in_words(self):
        SweepRun.objects.create(
            started_at=make.NOW,
            ended_at=make.NOW + timedelta(microseconds=82_462),
            as_of=make.NOW,
            clock_offset_ms=-12,
            latest_by_seconds=45_343,
            done={"drafts lapsed": 1, "windows ended": 0},
        )
        shown = self.opened("sweeprun")
        run = signed_in(make.manager()).get(
            reverse("admin:entitlements_sweeprun_change", args=[SweepRun.objects.get().pk])
        )

        assert all(words in shown for words in ("0.08 s", "12 h 35 min 43 s", "drafts lapsed: 1"))
        assert "windows ended" not in shown
        assert "-12 ms" in run.content.decode()
        assert (
            "45343"
            in b"".join(signed_in(make.manager()).get(list_of(SweepRun), {"format": "csv"}).streaming_content).decode()
        )

    def test_what_is_printed_is_as_of_a_time_in_the_vendors_zone(self):
        """X10, X15"""
        assert "Pacific Time" in self.opened("letter").partition("print-head")[2].partition("</div>")[0]


class TestEveryViewOfTheDesk:
    """S19: who may open it is declared on the view, through all of Django's wrappers."""

    def views(self, patterns=None):
        for one in admin.site.get_urls() if patterns is None else patterns:
            if hasattr(one, "url_patterns"):
                yield from self.views(one.url_patterns)
            else:
                yield one.callback, one.name

    def test_says_that_it_is_for_managers(self):
        declared = {name: view.open_to for view, name in self.views()}

        assert declared.pop("login") == Who.ANYONE
        assert set(declared.values()) == {Who.MANAGERS}
        assert {"claim", "sla_claim_changelist", "index", "approve_proposal"} <= set(declared)

    def test_a_customer_gets_the_page_for_what_is_forbidden(self):
        client = signed_in(make.member())

        assert client.get("/admin/").status_code == 403
        assert client.get(reverse("admin:sla_claim_changelist")).status_code == 403

    def test_the_history_of_a_record_is_the_event_log(self):
        customer = make.customer()

        answer = signed_in(make.manager()).get(
            reverse("admin:entitlements_customer_history", args=[customer.pk]), follow=True
        )

        assert answer.context["cl"].result_count == 1


class TestPeople:
    """S19: desk and second signature are given at the server, and whoever has them cannot be taken over here."""

    def page_of(self, user):
        return reverse("admin:entitlements_user_change", args=[user.pk])

    def given(self, user, **more):
        rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        return {"name": user.name, "email": user.email, "is_active": "on", **rows, **more}

    def test_nobody_makes_themselves_an_approver(self):
        manager = make.manager()

        signed_in(manager).post(self.page_of(manager), self.given(manager, is_staff="on", may_approve="on"))

        assert not User.objects.get(pk=manager.pk).may_approve

    def test_nobody_gives_desk_or_signature_to_others_either(self):
        other = make.person()

        signed_in(make.approver()).post(self.page_of(other), self.given(other, is_staff="on", may_approve="on"))

        assert not User.objects.filter(pk=other.pk, is_staff=True).exists()
        assert not User.objects.filter(pk=other.pk, may_approve=True).exists()

    @pytest.mark.parametrize("by", [make.manager, make.approver])
    @pytest.mark.parametrize("whose", [make.manager, make.approver])
    def test_an_approvers_address_cannot_be_taken_over(self, by, whose):
        target, taker = whose(), by()
        rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}

        signed_in(taker).post(self.page_of(target), {"name": "Mallory", "email": "mine@vendor.example", **rows})

        kept = User.objects.get(pk=target.pk)
        assert (kept.name, kept.email, kept.is_active) == (target.name, target.email, True)

    def test_a_changed_address_ends_the_old_ones_way_in_and_the_log_names_who_changed_it(self):
        person, manager = make.member(), make.manager()
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        theirs = signed_in(person)
        membership = person.memberships.get()
        rows = {
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": membership.pk,
            "memberships-0-user": person.pk,
            "memberships-0-customer": membership.customer_id,
            "memberships-0-roles": membership.roles,
        }

        signed_in(manager).post(self.page_of(person), self.given(person, email="new@customer.example", **rows))

        assert User.objects.get(pk=person.pk).email == "new@customer.example"
        assert not EmailAddress.objects.filter(user=person).exists()
        assert "/login/" in theirs.get("/")["Location"]
        assert Event.objects.filter(verb="user.changed", matter=str(person.pk), actor=manager).exists()

    def test_whoever_works_at_the_desk_is_no_customers(self):
        target, customer = make.manager(), make.customer()
        rows = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0, "memberships-0-user": target.pk}
        asked = {**rows, "memberships-0-customer": customer.pk, "memberships-0-roles": ["owner"]}

        signed_in(make.approver()).post(self.page_of(target), asked)

        assert not target.memberships.exists()
        with pytest.raises(ValidationError, match="cannot be one of a customer's"):
            Membership(user=target, customer=customer, roles=["owner"]).full_clean()
        both = make.member()
        both.is_staff = True
        with pytest.raises(ValidationError, match="cannot be one of a customer's"):
            both.full_clean(exclude=["password"])

    @pytest.mark.parametrize("wanted", [{"is_active": ""}, {"memberships-0-roles": ["read_only"]}, {"elsewhere": True}])
    def test_nobody_takes_a_customers_last_owner_from_it_here(self, wanted):
        """C12.1: roles, leaving and signing in are changed where an owner stays and a reason is given."""
        owner, other = make.member(roles=["owner"]), make.customer()
        membership = owner.memberships.get()
        rows = {
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": membership.pk,
            "memberships-0-user": owner.pk,
            "memberships-0-customer": other.pk if wanted.pop("elsewhere", False) else membership.customer_id,
            "memberships-0-roles": ["owner"],
        }

        signed_in(make.approver()).post(self.page_of(owner), self.given(owner, **{**rows, **wanted}))

        owner.refresh_from_db()
        kept = owner.memberships.get()
        assert (owner.is_active, kept.roles, kept.customer) == (True, ["owner"], membership.customer)

    def test_the_page_leads_to_where_it_is_done(self):
        owner = make.member(roles=["owner"])
        page = signed_in(make.manager()).get(self.page_of(owner)).content.decode()

        assert reverse("admin:customer_people", args=[owner.memberships.get().customer_id]) in page

    def test_an_address_of_nobodys_is_closed_and_opened_here(self):
        person, desk = make.person(), signed_in(make.manager())

        desk.post(self.page_of(person), self.given(person, is_active=""))
        assert not User.objects.get(pk=person.pk).is_active

        desk.post(self.page_of(person), self.given(person))
        assert User.objects.get(pk=person.pk).is_active

    def test_a_new_person_signs_in_by_code_only(self):
        rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        new = {"name": "Nia", "email": "Nia@Customer.example", "is_active": "on", **rows}

        signed_in(make.approver()).post(reverse("admin:entitlements_user_add"), new)

        assert not User.objects.get(email="nia@customer.example").has_usable_password()


class TestFinding:
    """X5, M1: a reference is found however it is typed."""

    @pytest.mark.parametrize("typed", ["{0}", "{1}", "  {2} "])
    def test_a_reference_opens_its_page(self, typed, requested):
        bare = requested.reference.replace("-", "")

        answer = signed_in(make.manager()).get(
            reverse("admin:find"), {"q": typed.format(requested.reference, bare, bare.lower())}
        )

        assert answer.url == reverse("admin:engagement", args=[requested.reference])

    def test_a_customer_and_a_person_are_found_by_a_part_of_the_name(self):
        acme = make.customer(name="Acme Rockets")
        make.person(name="Rocky Racoon")

        answer = signed_in(make.manager()).get(reverse("admin:find"), {"q": "rock"}).content.decode()

        assert reverse("admin:customer", args=[acme.pk]) in answer
        assert "Rocky Racoon" in answer

    def test_nothing_found_is_said(self):
        assert b"Nothing was found" in signed_in(make.manager()).get(reverse("admin:find"), {"q": "zzz"}).content

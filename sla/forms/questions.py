"""What a customer writes about a claim that was sent: the answer to a request, the reason for a second look (S19)."""

from __future__ import annotations

from django import forms

from entitlements.forms.base import PortalForm


class AnswerForm(PortalForm):
    """S19: the words go with the documents that were added since we asked. `request` is the key of what was asked on the page."""

    request = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": "This page is too old. Open the question again."}
    )
    answer = forms.CharField(
        label="Your answer",
        max_length=4000,
        help_text="What each document shows, or why something cannot be had. Leave out passwords and personal data.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class SecondLookForm(PortalForm):
    reason = forms.CharField(
        label="What does the decision leave out, or have wrong?",
        max_length=4000,
        help_text="Name the figure or the ground, and the document that shows it.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

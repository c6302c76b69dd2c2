"""A request, and what an approver and an officer decide.

Invariant: every choice is from a list; what is typed is kept with the request, in no URL, log or
audit row.
"""

from __future__ import annotations

import datetime as dt

from govuk_frontend_wtf.wtforms_widgets import (
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import RadioField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from governance.bases import BASES
from governance.registration import Agency
from governance.requests import MOST, QUESTIONS, URGENCIES, Question
from records.codes import code_list
from webapp.forms import Form, a_day, read_day, trimmed


def _choices(found: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, words) for code, words in found.items()]


class RequestForm(Form):
    """What is asked of which agency."""

    agency = SelectField(
        "Which agency do you ask?",
        widget=GovSelect(),
        validators=[DataRequired(message="Choose an agency")],
    )
    question = RadioField(
        "What do you ask?",
        widget=GovRadioInput(),
        choices=_choices(QUESTIONS),
        validators=[DataRequired(message="Choose what you ask")],
    )
    category = SelectField(
        "Kind of involvement, for the latest of one kind",
        widget=GovSelect(),
        validate_choice=False,  # the question itself says whether it needs one
    )
    from_date = StringField(
        "First day, for what happened between two days",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[a_day],
    )
    to_date = StringField("Last day", widget=GovTextInput(), filters=[trimmed], validators=[a_day])
    words = TextAreaField(
        "Who is meant, and what do you need to know?",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[Length(max=MOST, message=f"Say it in at most {MOST} characters")],
    )
    legal_basis = SelectField(
        "Legal basis",
        widget=GovSelect(),
        validators=[DataRequired(message="Choose the legal basis")],
    )
    urgency = RadioField(
        "By when do you need the answer?",
        widget=GovRadioInput(),
        choices=_choices(URGENCIES),
        default="today",
        validators=[DataRequired(message="Choose by when you need the answer")],
    )
    submit = SubmitField("Send the request", widget=GovSubmitInput())

    def offer(self, agencies: list[Agency]) -> None:
        """Fill the choices: only agencies that have named somebody to answer."""
        named = {each.agency_id: each.label for each in agencies}
        self.agency.choices = _choices({"": "Choose", **named})
        self.category.choices = _choices({"": "Choose", **code_list("contact_category").labels})
        self.legal_basis.choices = _choices({"": "Choose", **BASES})

    def asked(self, subject_id: str | None) -> Question:
        """The question as it was put."""
        return Question(
            giving_agency=str(self.agency.data),
            question=str(self.question.data),
            words=str(self.words.data),
            legal_basis=str(self.legal_basis.data),
            urgency=str(self.urgency.data),
            category=self.category.data or None,
            from_date=_day(self.from_date.data),
            to_date=_day(self.to_date.data),
            subject_id=subject_id,
        )


class ButtonForm(Form):
    """A button, and the token."""


def _day(text: str | None) -> dt.date | None:
    return read_day(text) if text else None

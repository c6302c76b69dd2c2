"""What an officer says of a case, and an agency of a correction.

Invariant: every choice comes from a code list; what the register refuses is said in its words.
"""

from __future__ import annotations

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

from governance.restrictions import REASONS
from governance.subject_cases import CaseTerms
from records.codes import code_list
from records.schema import TABLES, source_fields
from webapp.forms import Form, a_day, read_day, trimmed

_ABOUT = ("record", "contact", "indicator")


def _choices(found: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, words) for code, words in found.items()]


class CaseForm(Form):
    """A new case."""

    kind = RadioField(
        "What do they ask for?",
        widget=GovRadioInput(),
        choices=_choices(code_list("subject_request").labels),
        validators=[DataRequired(message="Choose what they ask for")],
    )
    about = StringField(
        "Whom it is about, by id",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Enter the id of a person, or of records")],
    )
    received_on = StringField(
        "Received on",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Say when it was received"), a_day],
    )
    identity_check = SelectField(
        "How their identity was checked",
        widget=GovSelect(),
        choices=_choices({"": "Choose"} | code_list("identity_check").labels),
        validators=[DataRequired(message="Choose how their identity was checked")],
    )
    submit = SubmitField("Open the case", widget=GovSubmitInput())

    def terms(self) -> CaseTerms:
        """What was filled in; the form is valid."""
        ids = self.about.data.replace(",", " ").split()
        alone = len(ids) == 1 and ids[0].startswith("p_")
        return CaseTerms(
            kind=self.kind.data,
            received_on=read_day(self.received_on.data),
            identity_check=self.identity_check.data,
            person_id=ids[0] if alone else None,
            record_ids=() if alone else tuple(ids),
        )


class ExtendForm(Form):
    """Two months more."""

    because = TextAreaField(
        "Why it takes longer",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[DataRequired(message="Say why it takes longer"), Length(max=1000)],
    )
    prolong = SubmitField("Prolong by two months", widget=GovSubmitInput())


class CloseForm(Form):
    """A case that needs nothing more."""

    outcome = SelectField(
        "How it ends",
        widget=GovSelect(),
        validators=[DataRequired(message="Choose how it ends")],
    )
    reason = TextAreaField(
        "Why", widget=GovTextArea(), filters=[trimmed], validators=[Length(max=1000)]
    )
    end = SubmitField("Close the case", widget=GovSubmitInput())

    def offer(self, outcomes: dict[str, str]) -> None:
        """How a case of this kind may end."""
        self.outcome.choices = _choices({"": "Choose"} | outcomes)


class RestrictForm(Form):
    """Restricting what is held."""

    ground = SelectField(
        "Because of", widget=GovSelect(), choices=_choices(REASONS), default="article_18"
    )
    restrict = SubmitField("Restrict from now on", widget=GovSubmitInput())


class CorrectionForm(Form):
    """A value that is said to be wrong."""

    fact = StringField(
        "Of which record, contact or indicator, by id",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Enter the id that stands where it is held")],
    )
    field = SelectField(
        "What of it",
        widget=GovSelect(),
        validators=[DataRequired(message="Choose what of it is wrong")],
    )
    words = TextAreaField(
        "What is wrong, and what it should be",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[DataRequired(message="Say what it should be"), Length(max=1000)],
    )
    submit = SubmitField("Ask the agency", widget=GovSubmitInput())

    def offer(self, words: dict[str, str]) -> None:
        """Every field that an agency may have got wrong."""
        self.field.choices = _choices({"": "Choose"} | words)


def correctable() -> list[str]:
    """The fields of records, contacts and indicators, each once."""
    names = (each.name for table in _ABOUT for each in source_fields(TABLES[table]))
    return [name for name in dict.fromkeys(names) if not name.endswith("_key")]


class AnswerForm(Form):
    """What the agency says."""

    said = RadioField(
        "What do you say?",
        widget=GovRadioInput(),
        choices=_choices(
            {"accepted": "We correct it in our system", "refused": "It is right as it stands"}
        ),
        validators=[DataRequired(message="Choose what you say")],
    )
    reason = TextAreaField(
        "Why", widget=GovTextArea(), filters=[trimmed], validators=[Length(max=1000)]
    )
    submit = SubmitField("Answer", widget=GovSubmitInput())


class ActForm(Form):
    """A button, and the token."""

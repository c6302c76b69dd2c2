"""What an officer says of retention: rules, holds, reviews, disposals, lawful bases.

Invariant: every choice comes from a code list or the register; what the register refuses is said
in its words.
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
from wtforms import (
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from governance import lawful
from governance.ids import ANY
from governance.retention import ENDS, RuleTerms
from governance.retention_due import STATUSES
from governance.retention_holds import HoldTerms
from records.codes import code_list
from webapp.forms import Form, a_day, read_day, trimmed


def _choices(found: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, words) for code, words in found.items()]


def _given(text: str) -> dt.date | None:
    return read_day(text) if text else None


class RuleForm(Form):
    """The terms of a new rule."""

    dataset = SelectField(
        "Of which system", widget=GovSelect(), validators=[DataRequired(message="Choose whose")]
    )
    category = SelectField("What", widget=GovSelect(), validators=[DataRequired()])
    years = IntegerField(
        "Years",
        widget=GovTextInput(),
        validators=[Optional(), NumberRange(min=0, max=200, message="Enter years from 0 to 200")],
    )
    months = IntegerField(
        "And months",
        widget=GovTextInput(),
        validators=[Optional(), NumberRange(min=0, max=11, message="Enter months from 0 to 11")],
    )
    event = SelectField(
        "After",
        widget=GovSelect(),
        choices=_choices({"": "Choose"} | code_list("retention_event").labels),
        validators=[DataRequired(message="Choose after what")],
    )
    ends = RadioField("Then", widget=GovRadioInput(), choices=_choices(ENDS), default="review")
    source = TextAreaField(
        "Whose rule it is",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[
            DataRequired(message="Say whose rule it is, and where it stands"),
            Length(max=1000),
        ],
    )
    submit = SubmitField("Propose", widget=GovSubmitInput())

    def offer(self, datasets: dict[str, str], kinds: dict[str, str]) -> None:
        """Fill the choices from the register."""
        self.dataset.choices = _choices({"": "Choose"} | datasets)
        self.category.choices = _choices({ANY: "Everything"} | kinds)

    def terms(self) -> RuleTerms:
        """What was filled in; the form is valid."""
        agency, _, dataset = self.dataset.data.partition("/")
        return RuleTerms(
            agency=agency,
            dataset=dataset or ANY,
            category=self.category.data,
            event=self.event.data,
            months=12 * (self.years.data or 0) + (self.months.data or 0),
            ends=self.ends.data,
            source=self.source.data,
        )


class DueForm(Form):
    """What falls due by when."""

    class Meta:
        csrf = False  # it only asks

    by = StringField("Due by", widget=GovTextInput(), filters=[trimmed], validators=[a_day])
    status = SelectField("Show", widget=GovSelect(), choices=_choices(STATUSES), default="review")
    submit = SubmitField("Show", widget=GovSubmitInput())

    @property
    def day(self) -> dt.date | None:
        """The last day that counts; None: today."""
        return _given(self.by.data)


class ReviewForm(Form):
    """What is decided about those that were chosen."""

    outcome = RadioField(
        "What happens to those chosen?",
        widget=GovRadioInput(),
        choices=_choices({"keep": "Keep", "dispose": "Dispose of"}),
        validators=[DataRequired(message="Choose keep or dispose of")],
    )
    next_review = StringField(
        "If kept: look again on", widget=GovTextInput(), filters=[trimmed], validators=[a_day]
    )
    reason = TextAreaField(
        "Why",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[DataRequired(message="Say why"), Length(max=1000)],
    )
    decide = SubmitField("Decide", widget=GovSubmitInput())

    @property
    def day(self) -> dt.date | None:
        """When it is looked at again."""
        return _given(self.next_review.data)


class HoldForm(Form):
    """A new hold."""

    kind = SelectField(
        "Because of",
        widget=GovSelect(),
        choices=_choices({"": "Choose"} | code_list("hold_kind").labels),
        validators=[DataRequired(message="Choose because of what")],
    )
    about = StringField("One person or fact, by its id", widget=GovTextInput(), filters=[trimmed])
    dataset = SelectField("Or a system", widget=GovSelect())
    category = SelectField("Of it", widget=GovSelect())
    reason = TextAreaField(
        "Why",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[DataRequired(message="Say why"), Length(max=1000)],
    )
    owner = StringField(
        "Whose hold it is",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[
            DataRequired(message="Say whose hold it is: an office or a role"),
            Length(max=200),
        ],
    )
    review_on = StringField(
        "Look again on",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Say when it is looked at again"), a_day],
    )
    submit = SubmitField("Hold from now on", widget=GovSubmitInput())

    def offer(self, datasets: dict[str, str], kinds: dict[str, str]) -> None:
        """Fill the choices from the register."""
        self.dataset.choices = _choices({"": "Choose", "*/*": "All that there is"} | datasets)
        self.category.choices = _choices({ANY: "Everything"} | kinds)

    def validate_dataset(self, field: Field) -> None:
        """One or the other."""
        if bool(field.data) is bool(self.about.data):
            raise ValidationError("Enter an id, or choose a system")

    def terms(self) -> HoldTerms:
        """What was filled in; the form is valid."""
        agency, _, dataset = (self.dataset.data or ANY).partition("/")
        return HoldTerms(
            kind=self.kind.data,
            subject_id=self.about.data or None,
            agency=agency,
            dataset=dataset or ANY,
            category=ANY if self.about.data else self.category.data,
            reason=self.reason.data,
            owner=self.owner.data,
            review_on=read_day(self.review_on.data),
        )


class BasisForm(Form):
    """On which lawful basis a system's data are processed."""

    basis = SelectField(
        "Lawful basis",
        widget=GovSelect(),
        choices=_choices(
            {"": "Choose"} | code_list("lawful_basis").labels | {lawful.NONE: "None any more"}
        ),
        validators=[DataRequired(message="Choose a basis")],
    )
    until = StringField(
        "Its last day", widget=GovTextInput(), filters=[trimmed], validators=[a_day]
    )
    submit = SubmitField("Note it", widget=GovSubmitInput())

    @property
    def day(self) -> dt.date | None:
        """The last day that it holds."""
        return _given(self.until.data)


class ActForm(Form):
    """A button, and the token."""

"""Taking emergency access, and reviewing it.

Invariant: the reason is told in the user's own words, and the reference keeps bare names out of
the audit.
"""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import (
    GovRadioInput,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import Field, RadioField, StringField, SubmitField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from governance.emergencies import FEWEST, MOST, OUTCOMES
from governance.sessions import REFERENCE
from webapp.forms import Form, trimmed


class EmergencyForm(Form):
    """Why, and under which number."""

    words = TextAreaField(
        "What is the emergency?",
        widget=GovTextArea(),
        filters=[trimmed],
        validators=[
            DataRequired(message="Say what the emergency is"),
            Length(
                min=FEWEST, max=MOST, message=f"Say it in a sentence, at most {MOST} characters"
            ),
        ],
    )
    reference = StringField(
        "Case, incident or visit number",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[DataRequired(message="Enter the number of the case, incident or visit")],
    )
    submit = SubmitField("Take emergency access", widget=GovSubmitInput())

    def validate_reference(self, field: Field) -> None:
        if not REFERENCE.fullmatch(field.data):
            raise ValidationError("Enter a number such as 24-1182: a digit, and no names")


class ReviewForm(Form):
    """What an officer found."""

    outcome = RadioField(
        "What did you find?",
        widget=GovRadioInput(),
        choices=[SelectChoice(code, words) for code, words in OUTCOMES.items()],
        validators=[DataRequired(message="Choose what you found")],
    )
    submit = SubmitField("Save", widget=GovSubmitInput())

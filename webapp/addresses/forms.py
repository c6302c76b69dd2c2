"""Why somebody looks, and at which address.

Invariant: a purpose comes from the code list and is never chosen in advance; the reference has the
form that keeps bare names out of the audit.
"""

from __future__ import annotations

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovSubmitInput, GovTextInput
from wtforms import Field, SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from governance.bases import BASES
from governance.sessions import REFERENCE, stateable
from webapp.forms import Form, trimmed

_LONGEST = 200
_BASES = [SelectChoice(code, label) for code, label in BASES.items()]


def _reference(_form: Form, field: Field) -> None:
    if not REFERENCE.fullmatch(field.data):
        raise ValidationError(
            "Enter the number of the case, incident or visit, such as 24-1182. "
            "It needs a digit, and no names."
        )


def _purpose(_form: Form, field: Field) -> None:
    if field.data not in stateable():
        raise ValidationError("Choose why you are looking")


class AddressForm(Form):
    """An address alone: the purpose has been stated."""

    address = StringField(
        "Address",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[
            DataRequired(message="Enter a number, street and postcode, or a UPRN"),
            Length(max=_LONGEST, message=f"Enter at most {_LONGEST} characters"),
        ],
    )
    submit = SubmitField("Check address", widget=GovSubmitInput())


class PurposeForm(Form):
    """A purpose and reference alone: to change them."""

    purpose = SelectField(
        "Why are you looking?",
        widget=GovSelect(),
        choices=lambda: [("", "Choose a reason"), *stateable().items()],
        validators=[_purpose],
        validate_choice=False,
    )
    basis = SelectField(
        "On which legal basis?",
        widget=GovSelect(),
        choices=[SelectChoice("", "The usual one for the reason"), *_BASES],
        default="",
    )
    reference = StringField(
        "Case, incident or visit number",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[
            DataRequired(message="Enter the number of the case, incident or visit"),
            Length(max=40, message="Enter at most 40 characters"),
            _reference,
        ],
    )
    submit = SubmitField("Continue", widget=GovSubmitInput())


class AskForm(PurposeForm):
    """Purpose, reference and address on one page: two steps in one."""

    address = StringField(
        "Address",
        widget=GovTextInput(),
        filters=[trimmed],
        validators=[
            DataRequired(message="Enter a number, street and postcode, or a UPRN"),
            Length(max=_LONGEST, message=f"Enter at most {_LONGEST} characters"),
        ],
    )
    submit = SubmitField("Check address", widget=GovSubmitInput())

"""Databases on other machines: TLS with the certificate checked, or a word that says otherwise."""

from __future__ import annotations

import pytest

from kith.settings import Settings, SettingsError

PLAIN = [
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith:Sesame-9@db.example/kith"),
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith:Sesame-9@db.example/kith?sslmode=require"),
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith:Sesame-9@/kith?host=db.example"),
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith:Sesame-9@/kith?host=/run&host=db.example"),
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith:Sesame-9@localhost/kith?hostaddr=10.0.0.8"),
    ("KITH_REGISTER_URL", "postgresql+psycopg:///?service=kith"),
    ("KITH_AUDIT_URL", "postgresql://kith:Sesame-9@10.0.0.8/kith?sslmode=prefer"),
    ("NEO4J_URI", "bolt://graph.example:7687"),
    ("NEO4J_URI", "neo4j+ssc://graph.example:7687"),
]
SURE = [
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith:Sesame-9@db.example/kith?sslmode=verify-full"),
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith:Sesame-9@localhost:5433/kith"),
    ("KITH_REGISTER_URL", "postgresql+psycopg://kith@/kith?host=/run/postgresql"),
    ("KITH_REGISTER_URL", "sqlite:////srv/kith/register.sqlite"),
    ("KITH_AUDIT_URL", "nonsense"),  # what it is, the audit says
    ("NEO4J_URI", "neo4j+s://graph.example"),
    ("NEO4J_URI", "bolt://127.0.0.1:7687"),
    ("NEO4J_URI", "bolt://[::1]:7687"),
]


@pytest.mark.parametrize(("variable", "address"), PLAIN)
def test_a_database_elsewhere_is_reached_with_its_certificate_checked_or_not_at_all(
    variable: str, address: str
) -> None:
    with pytest.raises(SettingsError, match="KITH_PLAIN_DATABASES") as refused:
        Settings.from_environment({variable: address})
    assert variable in str(refused.value)
    assert "Sesame" not in str(refused.value)
    assert "example" not in str(refused.value)
    Settings.from_environment({variable: address, "KITH_PLAIN_DATABASES": "1"})


@pytest.mark.parametrize(("variable", "address"), SURE)
def test_what_is_here_or_sure_is_taken(variable: str, address: str) -> None:
    Settings.from_environment({variable: address})

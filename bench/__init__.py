"""Measuring Kith against its peers. Not part of the wheel."""

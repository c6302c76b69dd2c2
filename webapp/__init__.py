"""The web application: pages over the desk, one package per kind of work.

`create_app` makes the Flask application for one open home.
"""

from webapp.app import create_app

__all__ = ["create_app"]

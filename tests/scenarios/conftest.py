"""The register of the demonstration, for the stories that are told in it."""

from tests.support.demonstration import demo

__all__ = ["demo"]

"""YAML of a command line, as papermill reads it: plain values, and dates stay text."""

from __future__ import annotations

from typing import Any, ClassVar

import yaml

YamlError = yaml.YAMLError


class _Plain(yaml.SafeLoader):
    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load(text: str) -> Any:
    """The value. Raises YamlError, also for a tag that would make an object."""
    return yaml.load(text, Loader=_Plain)  # noqa: S506  # a SafeLoader

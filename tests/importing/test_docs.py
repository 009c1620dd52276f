"""What docs/import.md and the published schema say is what the code does."""

import json
import re
from pathlib import Path

import jsonschema
import yaml

from importing.mapping.mapping import Mapping, parse_mapping
from importing.reading.file_format import FORMATS
from tests.importing.conftest import LOGS


def test_the_published_schema_is_the_codes_own(repository: Path) -> None:
    """``flowtrail import --schema > docs/mapping.schema.json`` writes it anew."""
    published = json.loads((repository / "docs" / "mapping.schema.json").read_text(encoding="utf-8"))
    assert published == Mapping.model_json_schema()
    for path in LOGS.glob("*.yaml"):
        jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), published)


def test_the_manual_names_every_word_and_format_and_its_example_is_valid(repository: Path) -> None:
    manual = (repository / "docs" / "import.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", manual, re.DOTALL)
    assert example is not None
    parse_mapping(yaml.safe_load(example[1]), "the manual")
    assert [word for word in (*Mapping.model_fields, *FORMATS) if f"`{word}" not in manual] == []

"""Names of outputs: what a template gives, and what it never gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.batch.template import expand, matching
from vidstyle.errors import SettingsError

STEMS = st.text(alphabet=st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1)
LITERAL = st.text(alphabet="ab./-{} é", max_size=6)


@given(st.lists(LITERAL, min_size=4, max_size=4), STEMS, STEMS, st.integers(1, 10_000))
def test_fields_stand_where_the_template_puts_them(
    texts: list[str], stem: str, style: str, index: int
) -> None:
    written = [text.replace("{", "{{").replace("}", "}}") for text in texts]
    template = f"{written[0]}{{stem}}{written[1]}{{style}}{written[2]}{{index:04}}{written[3]}"
    name = expand(template, stem=stem, style=style, index=index)
    assert name == f"{texts[0]}{stem}{texts[1]}{style}{texts[2]}{index:04d}{texts[3]}"
    assert matching(template).fullmatch(name) or "\n" in stem + style


@given(st.text(alphabet="{}stemyindx:.!r0[]", max_size=14))
def test_any_template_gives_a_name_or_is_refused(template: str) -> None:
    try:
        name = expand(template, stem="S", style="T", index=7)
    except SettingsError as error:
        assert error.where == "output"
    else:
        assert "__" not in name and len(name) <= len(template) + 10


@pytest.mark.parametrize(
    "template", ["{stem.__class__}", "{0}", "{}", "{stem!r}", "{stem:>99}", "{index:999999999}", "{ste}", "{"]
)
def test_templates_do_no_more_than_they_should(template: str) -> None:
    with pytest.raises(SettingsError):
        expand(template, stem="S", style="T", index=7)


def test_a_brace_that_stands_alone_is_told_of_its_key() -> None:
    with pytest.raises(SettingsError) as caught:
        expand("p{stem.png", stem="S", style="T", index=7, key="masks")
    assert caught.value.where == "masks"


def test_a_misspelt_field_is_set_right() -> None:
    with pytest.raises(SettingsError, match=r"Did you mean style\?"):
        expand("{styl}.mp4", stem="S", style="T", index=7)

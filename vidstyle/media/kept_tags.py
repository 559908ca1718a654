"""Tags that outlive the file that they stood in."""

from __future__ import annotations

from collections.abc import Mapping

# Tags that describe the old file's bytes, not the work in it.
_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "vendor_id"}
_OF_THE_FILE |= {"bps", "number_of_frames", "number_of_bytes", "handler_name"}


def kept_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a stream or file that still hold for what is made from it; keys in lower case."""
    lowered = {key.lower(): value for key, value in tags.items()}
    return {
        key: value
        for key, value in lowered.items()
        if key not in _OF_THE_FILE and not key.startswith("_statistics")
    }

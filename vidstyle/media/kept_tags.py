"""Tags that outlive the file that they stood in."""

from __future__ import annotations

from collections.abc import Mapping

# Tags that describe the old file's bytes, not the work in it.
_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "vendor_id"}
_OF_THE_FILE |= {"bps", "number_of_frames", "number_of_bytes", "handler_name"}
# QuickTime numbers its languages, which FFmpeg finds by these names alone.
_QUICKTIME = {"deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice", "zho": "chi"}
_QUICKTIME |= {"hrv": "hr ", "srp": "sr ", "fao": "fo ", "gle": "iri", "sqi": "alb", "mkd": "mac"}


def kept_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a stream or file that still hold for what is made from it; keys in lower case."""
    lowered = {key.lower(): value for key, value in tags.items()}
    return {
        key: value
        for key, value in lowered.items()
        if key not in _OF_THE_FILE and not key.startswith("_statistics")
    }


def stream_tags(tags: Mapping[str, str], kind: str) -> dict[str, str]:
    """The tags of a stream that still hold, as a container (by FFmpeg's name) tells them."""
    kept = kept_tags(tags)
    if kind == "mov" and "language" in kept:
        kept["language"] = _QUICKTIME.get(kept["language"], kept["language"])
    return kept

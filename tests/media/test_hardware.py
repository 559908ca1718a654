"""Decoders of graphics cards: the machine's own where they open, told where they do not."""

import numpy as np
import pytest

from vidstyle.errors import DeviceError
from vidstyle.media import DecodeFaults, Reading, decoder_for, decoders, read
from vidstyle.media.hardware import HARDWARE, hwdevices_available


def pixels(path, decoder="software"):
    return [frame.pixels for frame in read(path, reading=Reading(decoder=decoder))]


@pytest.mark.parametrize("name", HARDWARE)
def test_a_device_that_decodes_gives_what_software_gives_and_the_others_are_told(make_video, name):
    path = make_video(width=256, height=256)
    used, told = decoder_for(path, name)
    assert used == (name if decoders()[name] else "software")
    assert ("software does" in told) is (used == "software")
    for one, other in zip(pixels(path), pixels(path, used), strict=True):
        np.testing.assert_array_equal(one, other)


def test_software_is_asked_of_nobody(make_video):
    assert decoder_for(make_video(), "software") == ("software", "")


@pytest.mark.skipif("qsv" not in hwdevices_available(), reason="not built in here")
def test_a_device_leaves_what_it_cannot_decode_to_software(make_video):
    path = make_video("clip.mkv", codec="ffv1", options={}, pix_fmt="yuv420p")  # no card decodes FFV1
    faults = DecodeFaults()
    frames = list(read(path, reading=Reading(decoder="qsv"), faults=faults))
    assert len(frames) == 12
    assert faults.describe() == ()


@pytest.mark.skipif("cuda" not in hwdevices_available() or decoders()["cuda"], reason="CUDA opens here")
def test_a_device_that_is_gone_since_it_was_chosen_is_told(make_video):
    with pytest.raises(DeviceError, match="cannot be decoded by this device"):
        list(read(make_video(), reading=Reading(decoder="cuda")))

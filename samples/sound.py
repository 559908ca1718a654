"""The sample clip's sound, synthesised: waves on the quay, slow chords, and a bell on the cut."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE = 48000

Signal = npt.NDArray[np.float64]

# Chords in semitones above A2 (110 Hz): F major 7, A minor 9, D minor 9, C with an added ninth.
CHORDS = ((-4, 8, 15, 19, 24), (0, 12, 15, 22, 26), (5, 12, 17, 20, 27), (3, 15, 19, 22, 29))


def compose(seconds: float, cut: float) -> npt.NDArray[np.float32]:
    """(2, N) float32 in -1..1, at RATE; the bell strikes at `cut` seconds."""
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    mix = 0.16 * _sea(time) + _chords(time, seconds) + _bell(time, cut)
    edge = np.minimum(1, np.minimum(time / 0.05, (seconds - time) / 0.35))
    mix = np.tanh(1.3 * mix) * np.clip(edge, 0, 1)
    signal: npt.NDArray[np.float32] = (0.8 * mix / np.abs(mix).max()).astype(np.float32)
    return signal


def _pitch(semitones: float) -> float:
    return 110.0 * 2 ** (semitones / 12)


def _sea(time: Signal) -> Signal:
    """Noise of falling spectrum that swells and ebbs, each ear its own."""
    rng = np.random.default_rng(21)
    spectrum = np.fft.rfft(rng.standard_normal((2, len(time))), axis=1)
    frequency = np.fft.rfftfreq(len(time), 1 / RATE)
    spectrum *= 1 / np.maximum(frequency, 120) ** 0.9 * (frequency < 7000)
    noise = np.fft.irfft(spectrum, len(time), axis=1)
    noise /= noise.std()
    swell = np.stack([0.55 + 0.45 * np.sin(2 * np.pi * (0.42 * time + phase)) for phase in (0.6, 0.78)])
    return noise * swell**2


def _chords(time: Signal, seconds: float) -> Signal:
    """One chord a second, plucked note after note over a soft pad."""
    out = np.zeros((2, len(time)))
    each = seconds / len(CHORDS)
    for number, chord in enumerate(CHORDS):
        start = number * each
        for voice, semitones in enumerate(chord):
            pan = 0.5 + 0.28 * np.sin(2.1 * voice + number)
            sides = np.array([[np.sqrt(1 - pan)], [np.sqrt(pan)]])
            pad = np.clip((time - start) / 0.18, 0, 1) * np.clip((start + each + 0.25 - time) / 0.3, 0, 1)
            out += 0.035 * sides * pad * np.sin(2 * np.pi * _pitch(semitones) * time + voice)
            out += 0.17 * sides * _pluck(time - start - 0.11 * voice, _pitch(semitones + 12))
    return out


def _pluck(time: Signal, pitch: float) -> Signal:
    """A struck string: harmonics that fade the faster the higher they are."""
    gone = np.maximum(time, 0)
    tone = sum(
        np.sin(2 * np.pi * pitch * k * gone) * np.exp(-gone * (2.2 + 1.9 * k)) / k**1.4 for k in range(1, 7)
    )
    return np.where(time > 0, tone * np.clip(gone / 0.004, 0, 1), 0.0)


def _bell(time: Signal, strike: float) -> Signal:
    """Partials of a church bell: hum, prime, tierce, quint, nominal and above."""
    gone = np.maximum(time - strike, 0)
    partials = (
        (0.5, 0.5, 0.9),
        (1.0, 0.8, 1.3),
        (1.2, 0.5, 1.7),
        (1.5, 0.3, 2.2),
        (2.0, 0.6, 2.6),
        (2.74, 0.25, 4.0),
        (3.76, 0.15, 6.0),
    )
    tone = sum(
        level * np.sin(2 * np.pi * 523.25 * ratio * gone) * np.exp(-decay * gone)
        for ratio, level, decay in partials
    )
    struck = np.where(time >= strike, tone * np.clip(gone / 0.002, 0, 1), 0.0)
    return 0.2 * np.stack([0.9 * struck, struck])

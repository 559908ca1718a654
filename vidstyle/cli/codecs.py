"""`--list-codecs`: the encoders and the hardware decoders that open on this machine."""

from __future__ import annotations

import typer


def list_codecs(wanted: bool) -> None:
    """Say of each codec whether it opens here, and what it holds; and who can decode; then end."""
    if not wanted:
        return
    from vidstyle.media import decoders, encoders
    from vidstyle.media.codecs import FAMILIES

    typer.echo(f"{'codec':<18} {'encoder':<18} {'here':<5} {'8 bits':<12} {'more bits':<12} transparency")
    for name, works in encoders().items():
        family = FAMILIES[name]
        typer.echo(
            f"{name:<18} {family.encoder:<18} {'yes' if works else 'no':<5} {family.pix_fmt:<12} "
            f"{family.deep or '-':<12} {family.alpha or ('yes' if name == 'gif' else '-')}"
        )
    there = [name for name, works in decoders().items() if works]
    typer.echo(f"\nHardware decoders (--decoder): {', '.join(there) or 'none opens here'}.")
    typer.echo("Numbered pictures (frame_%04d.png, .tiff, .webp, .jpg) need no codec.")
    raise typer.Exit()


def complete(incomplete: str) -> list[str]:
    """What a shell offers after --codec."""
    from vidstyle.media.codecs import FAMILIES

    return [name for name in FAMILIES if name.startswith(incomplete)]

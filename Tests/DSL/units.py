"""Units of the reference: what a unit is worth in its dimension's base unit, from the definitions, not from registry/."""

from __future__ import annotations

from fractions import Fraction as F

INCH, POUND, GALLON = F("0.0254"), F("0.45359237"), 231 * F("0.0254") ** 3

# unit: (dimension, factor to the base, offset in the base)
UNITS = {
    "mm": ("length", F(1, 1000), 0),
    "cm": ("length", F(1, 100), 0),
    "m": ("length", F(1), 0),
    "km": ("length", F(1000), 0),
    "in": ("length", INCH, 0),
    "ft": ("length", 12 * INCH, 0),
    "yd": ("length", 36 * INCH, 0),
    "mi": ("length", 5280 * 12 * INCH, 0),
    "nmi": ("length", F(1852), 0),
    "ft_us": ("length", F(1200, 3937), 0),
    "mg": ("mass", F(1, 10**6), 0),
    "g": ("mass", F(1, 1000), 0),
    "kg": ("mass", F(1), 0),
    "t": ("mass", F(1000), 0),
    "lb": ("mass", POUND, 0),
    "oz": ("mass", POUND / 16, 0),
    "st": ("mass", 14 * POUND, 0),
    "mL": ("volume", F(1, 10**6), 0),
    "L": ("volume", F(1, 1000), 0),
    "m3": ("volume", F(1), 0),
    "gal_us": ("volume", GALLON, 0),
    "fl_oz_us": ("volume", GALLON / 128, 0),
    "K": ("temperature", F(1), F(0)),
    "degC": ("temperature", F(1), F("273.15")),
    "degF": ("temperature", F(5, 9), F("459.67") * F(5, 9)),
}


def conversion(source: str, target: str) -> tuple[F, F]:
    """y = x · factor + offset."""
    kind, factor, zero = UNITS[source]
    other, divisor, base = UNITS[target]
    assert kind == other, f"{source} and {target} are of different dimensions"
    return F(factor) / divisor, F(zero - base) / divisor

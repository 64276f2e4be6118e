/// Functions of a Polars program that make expressions; a program has those that it calls.
///
/// Every name is followed by a bracket where it is called, and by none elsewhere.
enum PolarsHelpers {
    /// In the order in which they stand in a program.
    static let all: [(name: String, text: String)] = [
        (
            "half_away",
            """
            def half_away(a, d):
                # a / d to the nearest whole number, halves away from zero; d is positive
                q = a.abs() // d
                return a.sign() * (q + ((a.abs() - q * d) * 2 >= d).cast(pl.Int128))
            """
        ),
        (
            "days_of",
            """
            def days_of(year, month, day):
                # days since 1970-01-01; null where there is no such day in the years 0001-9999
                leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
                last = (
                    pl.when(month == 2)
                    .then(pl.when(leap).then(29).otherwise(28))
                    .when((month == 4) | (month == 6) | (month == 9) | (month == 11))
                    .then(30)
                    .otherwise(31)
                )
                y = pl.when(month > 2).then(year).otherwise(year - 1)
                m = pl.when(month > 2).then(month - 3).otherwise(month + 9)
                days = y * 365 + y // 4 - y // 100 + y // 400 + (m * 153 + 2) // 5 + day - 719469
                return pl.when((year > 0) & (month > 0) & (month < 13) & (day > 0) & (day <= last)).then(days)
            """
        ),
        (
            "number",
            """
            def number(text):
                # digits as a whole number; null for another text
                return text.cast(pl.Int64, strict=False)
            """
        ),
        (
            "day_of",
            """
            def day_of(days):
                return days.cast(pl.Int32, strict=False).cast(pl.Date).dt
            """
        ),
        (
            "padded",
            """
            def padded(x, width):
                # a number that is not negative, with zeros before it
                return x.cast(pl.String).str.zfill(width)
            """
        ),
        (
            "at",
            """
            def at(keys, values, x):
                # the value of the last key that is not above x; the first key is below all x
                place = pl.lit(pl.Series(keys, dtype=pl.Int64)).search_sorted(x.fill_null(keys[0]), side="right") - 1
                return pl.lit(pl.Series(values, dtype=pl.Int64)).gather(place)
            """
        ),
    ]
}

public import Columnar
public import Foundations

/// What a column holds, in counts: it carries no value of the column.
public struct ColumnProfile: Sendable, Equatable {
    /// The type that the column came with.
    public let type: ColumnType
    public let rows: Int
    /// Nulls alone.
    public let nulls: Int
    /// Nulls, empty texts and texts of white space only.
    public let missing: Int
    /// Values with white space at an end; types are judged without it, so that such a column needs a trim first.
    public let padded: Int
    /// Shortest and longest value that is not missing, in Unicode scalars; nil when there is none. Text alone.
    public let minimumLength: Int?
    public let maximumLength: Int?
    /// Most digits before the point of a value that is a number; 0 when there is none.
    public let maximumDigits: Int
    /// Numbers written with a leading zero, as codes are (00501).
    public let leadingZeros: Int
    /// Different values that are not missing; exact when `distinctIsExact`, else within about 3 %.
    public let distinct: Int
    public let distinctIsExact: Bool
    /// Values that fit, by candidate type; a candidate that was dropped on the way is absent.
    public let fits: [ColumnType: Int]
    /// Values that fit, by form of date or time, of the forms that were not dropped.
    public let formFits: [String: Int]
    /// The forms that all values have, strictest first: `type_cast`, or a pattern for `date_parse`.
    public let forms: [String]
    /// The narrowest type that fits every value; the column's own type when it is not text.
    public let inferredType: ColumnType
    /// Types narrower than text that fit at least 95 % of the values but not all, narrowest first.
    public let nearlyTypes: [ColumnType]

    /// Values that are not missing.
    public var values: Int { rows - missing }
    /// One value in every row that is not missing.
    public var isConstant: Bool { distinctIsExact && distinct == 1 }
    /// Whether no value repeats, as far as the count is exact.
    public var isUnique: Bool { distinctIsExact && distinct == values && values > 0 }
    /// Whether the values do not tell day and month apart.
    public var isDayMonthAmbiguous: Bool {
        func orders(_ day: Character, _ month: Character) -> (dayFirst: Bool, monthFirst: Bool) {
            forms.reduce((false, false)) { seen, form in
                (seen.0 || form.first == day, seen.1 || form.first == month)
            }
        }
        let seen = orders("d", "M")
        return seen.dayFirst && seen.monthFirst
    }

    public var json: JSON {
        .members([
            "type": .string(type.name), "rows": JSON(rows), "nulls": JSON(nulls), "missing": JSON(missing),
            "padded": JSON(padded), "min_length": minimumLength.map { JSON($0) },
            "max_length": maximumLength.map { JSON($0) }, "max_digits": JSON(maximumDigits),
            "leading_zeros": JSON(leadingZeros), "distinct": JSON(distinct),
            "distinct_is_exact": .bool(distinctIsExact), "is_constant": .bool(isConstant),
            "fits": .object(Dictionary(uniqueKeysWithValues: fits.map { ($0.name, JSON($1)) })),
            "form_fits": .object(formFits.mapValues { JSON($0) }), "forms": JSON(forms),
            "day_month_ambiguous": .bool(isDayMonthAmbiguous), "inferred_type": .string(inferredType.name),
            "nearly_types": JSON(nearlyTypes.map(\.name)),
        ])
    }
}

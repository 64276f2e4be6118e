/// When a column's nulls are a finding, and when they are only counted.
public struct NullRule: Equatable, Sendable {
    /// Nulls are more than the threshold allows in a column that must be filled.
    public static let violation = "NULL_RATE"
    /// The rate for information.
    public static let information = "INFO_NULL_RATE"
    /// The one metric.
    public static let metric = "null_rate"
    /// The threshold's name in a profile.
    public static let threshold = "null_rate_max"

    /// The highest rate that is allowed, 0 … 1.
    public let maximumRate: Double

    /// A profile that names no maximum allows no null at all in a column that must be filled.
    public init(maximumRate: Double = 0) { self.maximumRate = maximumRate }

    /// The reason code of a column with this rate; keys and columns that are not nullable must be filled.
    public func reason(rate: Double, isNullable: Bool, isKey: Bool) -> String {
        rate > maximumRate && (!isNullable || isKey) ? NullRule.violation : NullRule.information
    }
}

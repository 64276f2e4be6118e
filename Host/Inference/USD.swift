/// An amount of US dollars, exact to the billionth (10⁻⁹): sums have no rounding. Never negative where it is a cost.
///
/// Amounts beyond what fits (about 9.2 thousand million dollars) stay at the greatest: a cap is never passed by wrapping.
public struct USD: Sendable, Hashable, Comparable {
    public let nanos: Int64

    public init(nanos: Int64) { self.nanos = nanos }

    /// The amount nearest to a number of dollars, as a document wrote it; nil for one that is no number or does not fit.
    public init?(dollars: Double) {
        guard dollars.isFinite else { return nil }
        let nanos = (dollars * 1e9).rounded()
        guard abs(nanos) < 9.2e18 else { return nil }
        self.nanos = Int64(nanos)
    }

    public static let zero = USD(nanos: 0)
    public static let greatest = USD(nanos: .max)

    /// For the ledger and for people: the double nearest to it, whose shortest text is the exact decimal up to a million.
    public var dollars: Double { Double(nanos) / 1e9 }

    public static func < (a: USD, b: USD) -> Bool { a.nanos < b.nanos }

    public static func + (a: USD, b: USD) -> USD {
        let (sum, over) = a.nanos.addingReportingOverflow(b.nanos)
        return over ? USD(nanos: b.nanos < 0 ? .min : .max) : USD(nanos: sum)
    }

    public static func - (a: USD, b: USD) -> USD {
        let (difference, over) = a.nanos.subtractingReportingOverflow(b.nanos)
        return over ? USD(nanos: b.nanos < 0 ? .max : .min) : USD(nanos: difference)
    }

    public static func += (a: inout USD, b: USD) { a = a + b }
    public static func -= (a: inout USD, b: USD) { a = a - b }
}

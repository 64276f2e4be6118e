internal import Columnar

extension UnitTable {
    /// Two units that cannot be converted, in words that end a sentence, and the nearest allowed form.
    struct Mistake: Error, Equatable {
        /// Whether it is the unit that is converted to; otherwise the one converted from, or the pair.
        let isTarget: Bool
        let reason: String
        let allowed: String
    }

    /// Both quotients in lowest terms, the denominators positive.
    typealias Conversion = (
        numerator: Int64, denominator: Int64, offsetNumerator: Int64, offsetDenominator: Int64
    )

    /// How a number of one unit becomes one of another: y = x · numerator / denominator + offset.
    ///
    /// - Throws: `Mistake` when there is no such unit, when the dimensions differ, or when the exact factor has no room
    ///   in 64 bits.
    static func conversion(from: String, to: String) throws(Mistake) -> Conversion {
        let source = try unit(from, isTarget: false, near: nil)
        let target = try unit(to, isTarget: true, near: source.dimension)
        guard source.dimension == target.dimension else {
            let other = dimensions[target.dimension]
            throw Mistake(
                isTarget: true,
                reason: "\(from) is a unit of \(dimensions[source.dimension]), and \(to) one of \(other)",
                allowed: "Units of \(dimensions[source.dimension]): \(list(source.dimension)).")
        }
        // Numerators of the registry are below 2^53: no product of two exceeds 128 bits.
        let factor = lowest(
            Int128(source.factor.numerator) * Int128(target.factor.denominator),
            Int128(source.factor.denominator) * Int128(target.factor.numerator))
        let difference = lowest(
            Int128(source.offset.numerator) * Int128(target.offset.denominator)
                - Int128(target.offset.numerator) * Int128(source.offset.denominator),
            Int128(source.offset.denominator) * Int128(target.offset.denominator))
        guard let factor, let difference,
            let offset = lowest(
                Int128(difference.numerator) * Int128(target.factor.denominator),
                Int128(difference.denominator) * Int128(target.factor.numerator))
        else {
            throw Mistake(
                isTarget: true, reason: "the exact factor of \(from) in \(to) has no room in 64 bits",
                allowed: "Convert in two steps, through a unit between them.")
        }
        return (factor.numerator, factor.denominator, offset.numerator, offset.denominator)
    }

    /// Ids of the units of a dimension, in the registry's order.
    private static func ids(_ dimension: Int?) -> [String] {
        units.filter { dimension == nil || $0.dimension == dimension }.map(\.id)
    }

    private static func list(_ dimension: Int) -> String { ids(dimension).joined(separator: ", ") }

    private static func unit(_ id: String, isTarget: Bool, near dimension: Int?) throws(Mistake) -> Unit {
        if let found = units.first(where: { $0.id == id }) { return found }
        let allowed: String
        if let dimension {
            allowed = Rejection.nearest(id, of: ids(dimension))
        } else if let near = Rejection.near(id, of: ids(nil)) {
            allowed = "Nearest allowed form: \(Rejection.quoted(near))."
        } else {
            allowed = "Units are those of registry/units.json: \(dimensions.joined(separator: ", "))."
        }
        throw Mistake(isTarget: isTarget, reason: "there is no unit \(Rejection.quoted(id))", allowed: allowed)
    }

    /// A quotient of a positive denominator in lowest terms, or nil when it has no room.
    private static func lowest(
        _ numerator: Int128, _ denominator: Int128
    ) -> (numerator: Int64, denominator: Int64)? {
        var (a, b) = (numerator.magnitude, denominator.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        let divisor = Int128(a)
        guard let over = Int64(exactly: numerator / divisor), let under = Int64(exactly: denominator / divisor)
        else { return nil }
        return (over, under)
    }
}

extension UnitConversion {
    /// The conversion between two units of the registry.
    init(from: String, to: String, type: ColumnType) throws(UnitTable.Mistake) {
        let factors = try UnitTable.conversion(from: from, to: to)
        self.init(
            from: from, to: to, type: type, numerator: factors.numerator, denominator: factors.denominator,
            offsetNumerator: factors.offsetNumerator, offsetDenominator: factors.offsetDenominator)
    }
}

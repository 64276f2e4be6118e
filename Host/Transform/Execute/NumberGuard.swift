internal import Columnar

/// The anchored guard for numbers as people write them, into int64 and decimals:
///
/// `[+-]? SIGN? (DIGITS | DDD GROUP DDD …) (MARK DIGITS)?` with at most 19 digits before the mark; the first group has
/// one to three digits, every other one three. Nothing else is skipped.
struct NumberGuard: Sendable {
    private let grouping: UInt8?
    private let mark: UInt8
    /// The longest first.
    private let currency: [[UInt8]]
    private let hasCurrency: Bool
    private let roundsHalfAway: Bool
    private let scale: Int
    private let bound: Int64?
    /// What a text that is no number is, and one that has more digits than the type.
    private let refused: Reason
    private let inexact: Reason

    init(_ cast: Cast) {
        // The plan's reader has seen that both are one byte, and two of them.
        grouping = cast.grouping?.utf8.first
        mark = cast.decimalMark.utf8.first ?? 0x2E
        currency = cast.currency.map { Array($0.utf8) }.sorted { $0.count > $1.count }
        hasCurrency = !currency.isEmpty
        roundsHalfAway = cast.rounding == .halfAway
        scale = DecimalMath.scale(cast.type)
        bound = DecimalMath.bound(cast.type)
        refused = cast.type == .int64 ? .notInteger : .notDecimal
        inexact = cast.type == .int64 ? .notInteger : .inexact
    }

    /// Writes the units and returns nil, or returns the reason and leaves `out` as it was.
    @inline(__always)
    func read(_ bytes: UnsafeRawBufferPointer, _ out: inout Int64) -> Reason? {
        let end = bytes.count
        guard end > 0 else { return refused }
        var at = 0
        let negative = bytes[0] == 0x2D
        if negative || bytes[0] == 0x2B { at = 1 }
        if hasCurrency, at < end, bytes[at] &- 0x30 > 9 { at += sign(bytes, at) }
        let start = at
        var whole: UInt64 = 0
        while at < end {
            let digit = bytes[at] &- 0x30
            if digit > 9 { break }
            // At most 19 digits count, and 19 nines are below 2^64.
            whole = whole &* 10 &+ UInt64(digit)
            at += 1
        }
        var digits = at - start
        guard digits > 0, digits <= 19 else { return refused }
        if let grouping, at < end, bytes[at] == grouping {
            guard digits <= 3 else { return refused }
            while at < end, bytes[at] == grouping {
                let group = Digits.fixed(bytes, at: at + 1, width: 3)
                digits += 3
                guard group >= 0, digits <= 19 else { return refused }
                whole = whole &* 1000 &+ UInt64(group)
                at += 4
            }
        }
        var fraction: UInt64 = 0
        var rest = Rest.none
        if at < end {
            guard bytes[at] == mark, at + 1 < end else { return refused }
            at += 1
            var places = 0
            while at < end {
                let digit = bytes[at] &- 0x30
                guard digit <= 9 else { return refused }
                if places < scale {
                    fraction = fraction &* 10 &+ UInt64(digit)
                } else if places == scale {
                    rest = digit >= 5 ? .half : digit > 0 ? .some : .none
                } else if digit > 0, rest == .none {
                    rest = .some
                }
                places += 1
                at += 1
            }
            while places < scale {
                fraction = fraction &* 10
                places += 1
            }
        }
        if rest != .none, !roundsHalfAway { return inexact }
        let (raised, tooLarge) = whole.multipliedReportingOverflow(by: UInt64(DecimalMath.powers[scale]))
        let (sum, carry) = raised.addingReportingOverflow(fraction &+ (rest == .half ? 1 : 0))
        guard !tooLarge, !carry else { return .overflow }
        if let bound {
            guard sum < UInt64(bound) else { return .overflow }
        } else {
            guard sum <= UInt64(Int64.max) + (negative ? 1 : 0) else { return .overflow }
        }
        out = Int64(truncatingIfNeeded: negative ? 0 &- sum : sum)
        return nil
    }

    /// Digits behind the last place: none but zeros, less than a half, a half or more.
    private enum Rest { case none, some, half }

    /// Bytes of the currency sign at a place; 0 where there is none.
    private func sign(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
        for sign in currency where at + sign.count <= bytes.count {
            var same = true
            for (place, byte) in sign.enumerated() where bytes[at + place] != byte {
                same = false
                break
            }
            if same { return sign.count }
        }
        return 0
    }
}

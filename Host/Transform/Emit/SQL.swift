/// A piece of SQL whose only raw text is what stands in our own source.
///
/// A string literal is code. Interpolations are other pieces of SQL; a value of a plan comes in as ``value(_:)`` and is
/// bound, a name as ``name(_:)`` and is quoted by the dialect. No `String` can be interpolated.
struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    enum Piece: Sendable, Hashable {
        case code(String)
        case value(EmittedValue)
        /// Its UTF-8, so that equal names have equal bytes.
        case name([UInt8])
        /// A definition of an ``SQLBuilder``.
        case reference(Int)
    }

    struct StringInterpolation: StringInterpolationProtocol {
        var pieces: [Piece] = []

        init(literalCapacity: Int, interpolationCount: Int) { pieces.reserveCapacity(interpolationCount * 2 + 1) }

        mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { pieces.append(.code(literal)) }
        }

        mutating func appendInterpolation(_ sql: SQL) { pieces.append(contentsOf: sql.pieces) }
    }

    let pieces: [Piece]

    init(_ pieces: [Piece]) { self.pieces = pieces }
    init(stringLiteral value: String) { pieces = [.code(value)] }
    init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    /// A number of our own or of a type: powers of ten, places, limits of the calendar.
    static func constant(_ number: some BinaryInteger) -> SQL { SQL([.code(String(number))]) }

    static func value(_ value: EmittedValue) -> SQL { SQL([.value(value)]) }
    static func text(_ text: String) -> SQL { .value(.text(text)) }
    static func name(_ name: String) -> SQL { SQL([.name(Array(name.utf8))]) }

    static let null: SQL = "null"

    func joined(_ others: [SQL], _ separator: SQL) -> SQL {
        var all = pieces
        for other in others {
            all += separator.pieces
            all += other.pieces
        }
        return SQL(all)
    }

    static func list(_ parts: [SQL], _ separator: SQL = ", ") -> SQL {
        guard let first = parts.first else { return SQL([]) }
        return first.joined(Array(parts.dropFirst()), separator)
    }

    /// `case when … then … [else …] end`.
    static func choose(_ arms: [(when: SQL, then: SQL)], otherwise: SQL? = nil) -> SQL {
        guard !arms.isEmpty else { return otherwise ?? .null }
        let whens = SQL.list(arms.map { "when \($0.when) then \($0.then)" }, " ")
        guard let otherwise else { return "case \(whens) end" }
        return "case \(whens) else \(otherwise) end"
    }

    static func when(_ condition: SQL, _ then: SQL) -> SQL { choose([(condition, then)]) }

    /// A reason as a text.
    static func reason(_ reason: Reason) -> SQL { SQL([.code("'\(reason.rawValue)'")]) }
}

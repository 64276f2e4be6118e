public import Columnar
public import Foundations

/// An engine that plans can be handed to instead of the executor.
public enum Engine: String, Sendable, CaseIterable {
    case sqlite, postgres, duckdb, spark, polars

    /// As people write it.
    public var title: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgres: "Postgres"
        case .duckdb: "DuckDB"
        case .spark: "Spark"
        case .polars: "Polars"
        }
    }
}

/// A program in the words of an engine: what is run there, and what a Mapping Plan shows.
public struct EmittedQuery: Sendable, Equatable {
    /// A column of the result.
    public struct Column: Sendable, Equatable {
        public let name: String
        public let type: ColumnType

        public init(name: String, type: ColumnType) {
            self.name = name
            self.type = type
        }
    }

    public let engine: Engine
    /// With a placeholder for every value that stands in a plan.
    public let text: String
    /// The same with the values in their places, quoted: for people who copy it.
    public let inlined: String
    /// In the order of their numbers.
    public let parameters: [EmittedParameter]
    /// One a target, in the order of the plans; the result has the row's number before and the errors behind them.
    public let columns: [Column]
    /// The column with the row's number, passed on as it was read.
    public let rowColumn: String
    /// The column with the row's errors: `plan:step:REASON`, joined by `;` in order of (plan, step); null for none.
    public let errorsColumn: String

    public init(
        engine: Engine, text: String, inlined: String, parameters: [EmittedParameter], columns: [Column],
        rowColumn: String, errorsColumn: String
    ) {
        self.engine = engine
        self.text = text
        self.inlined = inlined
        self.parameters = parameters
        self.columns = columns
        self.rowColumn = rowColumn
        self.errorsColumn = errorsColumn
    }
}

/// A value that stands in a plan, or follows from one. Equal are values of the same bytes.
public enum EmittedValue: Sendable {
    case text(String)
    case integer(Int64)
    /// Beyond 64 bits.
    case wide(Int128)
    case float64(Double)
    /// Each a text or null.
    case texts([String?])
    case integers([Int64])
    /// A JSON document, for engines that look texts up in one.
    case json(String)

    public var type: EmittedParameter.ValueType {
        switch self {
        case .text: .text
        case .integer: .integer
        case .wide: .wide
        case .float64: .float64
        case .texts: .texts
        case .integers: .integers
        case .json: .json
        }
    }
}

// Swift takes two spellings of one letter for equal texts, and two zeros for equal numbers; engines do not.
extension EmittedValue: Hashable {
    public static func == (a: EmittedValue, b: EmittedValue) -> Bool {
        func same(_ a: String?, _ b: String?) -> Bool {
            guard let a, let b else { return a == nil && b == nil }
            return a.utf8.elementsEqual(b.utf8)
        }
        switch (a, b) {
        case (.text(let a), .text(let b)), (.json(let a), .json(let b)): return same(a, b)
        case (.integer(let a), .integer(let b)): return a == b
        case (.wide(let a), .wide(let b)): return a == b
        case (.float64(let a), .float64(let b)): return a.bitPattern == b.bitPattern
        case (.texts(let a), .texts(let b)): return a.count == b.count && zip(a, b).allSatisfy(same)
        case (.integers(let a), .integers(let b)): return a == b
        default: return false
        }
    }

    public func hash(into hasher: inout Hasher) {
        func put(_ text: String) { for byte in text.utf8 { hasher.combine(byte) } }
        hasher.combine(type)
        switch self {
        case .text(let text), .json(let text): put(text)
        case .integer(let number): hasher.combine(number)
        case .wide(let number): hasher.combine(number)
        case .float64(let number): hasher.combine(number.bitPattern)
        case .texts(let texts): for text in texts { put(text ?? "") }
        case .integers(let numbers): hasher.combine(numbers)
        }
    }
}

extension EmittedValue {
    /// As JSON; an integer that a double does not hold exactly as text.
    public var canonicalJSON: JSON {
        func exact(_ value: Int64) -> JSON { value.magnitude <= 1 << 53 ? .int(value) : .string(String(value)) }
        return switch self {
        case .text(let text), .json(let text): .string(text)
        case .integer(let value): exact(value)
        case .wide(let value): .string(String(value))
        case .float64(let value): .double(value)
        case .texts(let texts): .array(texts.map { JSON($0) })
        case .integers(let values): .array(values.map(exact))
        }
    }
}

/// A value that is bound, never pasted.
public struct EmittedParameter: Sendable, Equatable {
    public enum ValueType: String, Sendable {
        case text, integer, wide, float64, texts, integers, json
    }

    /// `p1`, `p2`, …: the number is its place.
    public let name: String
    public let type: ValueType
    public let value: EmittedValue

    public init(name: String, type: ValueType, value: EmittedValue) {
        self.name = name
        self.type = type
        self.value = value
    }
}

/// What an emitted query reads.
public struct EmitSource: Sendable, Equatable {
    /// The table, view or subquery's name, its schema first if it has one.
    public let relation: [String]
    /// A column of the relation that is passed on and names the row.
    public let row: String
    /// What the result calls the column of errors.
    public let errors: String

    public init(relation: [String] = ["input"], row: String = "rid", errors: String = "errors") {
        self.relation = relation
        self.row = row
        self.errors = errors
    }
}

/// Why an engine cannot run a program exactly; the planner then leaves the program to the executor.
public struct Unsupported: Error, Sendable, Equatable {
    public enum Marker: String, Sendable {
        /// The engine cannot.
        case never
        /// Nobody has written it.
        case notYet = "notyet"
    }

    /// What an op's lowering knows: the emitter adds the place.
    struct Cause: Error, Equatable {
        let marker: Marker
        /// In words that end a sentence.
        let reason: String

        static func never(_ reason: String) -> Cause { Cause(marker: .never, reason: reason) }
        static func notYet(_ reason: String) -> Cause { Cause(marker: .notYet, reason: reason) }
    }

    public let engine: Engine
    /// Nil when the reason lies in a name or in the size of the whole program.
    public let plan: Int?
    public let step: Int?
    public let op: String?
    public let marker: Marker
    public let reason: String

    /// One sentence for people.
    public var message: String {
        let place = op.map { op in "\(op) (plan \(plan ?? 0), step \(step ?? 0))" } ?? "the program"
        return "\(engine.title) cannot run \(place): \(reason)."
    }
}

public import Columnar
internal import Foundations

/// A call of a function that Sluice registers with a SQLite connection: its name, its first argument, what it does.
///
/// The first argument names the computation and is the same for all rows; the others are the row's values in the form
/// that stands between the layers: a decimal is its units, a date its days and a timestamp its microseconds since 1970,
/// all three INTEGER, a truth value is INTEGER 0 or 1. A result that is a BLOB is a reason instead of a value; given as
/// a value, it counts as null.
public struct SQLiteRoutine: Sendable {
    public enum Work: Sendable {
        /// A column as SQLite stores it, checked to be of a type: the value, or the reason why it is none.
        case read(ColumnType)
        /// An op.
        case compute(TypedProgram.Node)
        /// The canonical text of a decimal, date or timestamp.
        case write(ColumnType)
    }

    /// The function that makes a row's errors of its values: `sluice_errors(place, value, place, value, …)` gives
    /// `place:REASON` for each value that is a BLOB, joined by `;`, or null. A text behind an empty place is joined as it
    /// is. It is the one function without a routine.
    public static let errors = "sluice_errors"

    /// The other functions that emitted queries call.
    public static let names =
        ["sluice_read", "sluice_write"] + (Operation.names + ["select_when"]).map { "sluice_\($0)" }

    public let work: Work

    public var name: String {
        switch work {
        case .read: "sluice_read"
        case .compute(let node): "sluice_\(node.operation.name)"
        case .write: "sluice_write"
        }
    }

    /// The first argument: a type's name, or the op's arguments and the types of what it takes as canonical JSON.
    public var argument: String {
        switch work {
        case .read(let type), .write(let type): return type.name
        case .compute(let node):
            var members = node.operation.arguments
            members["in"] = .array(
                zip(node.sources, node.sourceTypes).map { source, type in
                    switch source {
                    case .column, .node: .string(type.name)
                    case .integer(let value): .int(value)
                    case .decimal(let literal): ["decimal": .string(literal.text)]
                    }
                })
            return JSON.object(members).canonicalText
        }
    }

    /// The calls that a program's query makes; an op that is plain SQL there is among them too.
    public static func all(of program: TypedProgram) -> [SQLiteRoutine] {
        var reads: Set<ColumnType> = []
        for place in program.usedInputs { reads.insert(program.inputs.fields[place].type) }
        let writes = Set(program.outputs.map(\.type))
        return reads.map { SQLiteRoutine(.read($0)) } + writes.map { SQLiteRoutine(.write($0)) }
            + program.nodes.map { SQLiteRoutine(.compute($0)) }
    }

    init(_ work: Work) { self.work = work }
}

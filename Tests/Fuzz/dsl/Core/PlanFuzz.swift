internal import Columnar
internal import Foundations
internal import Transform

/// Reads documents that are nearly programs, and runs those that are programs over nasty rows.
///
/// A document is refused as DSL_REJECT or is a program; a program is the same after it was written and read again, has
/// words, is compiled for every engine or refused with a reason, and runs. Anything else is a find.
public struct PlanFuzz {
    public private(set) var documents = 0
    public private(set) var programs = 0
    private var mutator: DocumentMutator

    public init(seed: UInt64) { mutator = DocumentMutator(random: FuzzRandom(seed: seed)) }

    /// Tries one document; what is wrong with it, or nil.
    public mutating func step() -> String? {
        let bytes = mutator.document()
        documents += 1
        let document: ProgramDocument
        do throws(SluiceError) { document = try ProgramDocument.parse(bytes, features: .selectWhen) } catch {
            guard error.code == .dslReject, !error.hint.isEmpty, error.message.utf8.count < 4096 else {
                return "it is refused as \(error.detail): \(error.message)"
            }
            return nil
        }
        programs += 1
        do throws(SluiceError) { return try look(document) } catch {
            return "it was read, and then refused: \(error.message)"
        }
    }

    private func look(_ document: ProgramDocument) throws(SluiceError) -> String? {
        let again = try ProgramDocument(json: document.json, features: .selectWhen)
        guard again.hash == document.hash, again.plans == document.plans else { return "it is another when read again" }
        let steps = try document.program.explained()
        guard steps.allSatisfy({ $0.allSatisfy { !$0.words.isEmpty } }) else { return "a step has no words" }
        guard document.program.growth.perByte >= 0 else { return "its growth is negative" }
        for engine in Engine.allCases {
            do throws(Unsupported) {
                let query = try Emitters.emit(document.program, for: engine)
                guard query.columns.count == document.plans.count else { return "\(engine) has not all columns" }
            } catch {
                guard !error.reason.isEmpty else { return "\(engine) refuses without a reason" }
            }
        }
        let batch = Self.rows(document.inputs)
        let result = try PlanExecutor(document.program).run(batch)
        guard result.batch.rowCount == batch.rowCount, result.columns.count == document.plans.count else {
            return "its result has another shape"
        }
        return nil
    }

    private static let texts: [JSON] = [
        nil, "", " ", "a", "x", "12", "-7.50", "$1,234.5", "2024-02-29", "29.2.24", "2024-03-31T02:30:00", "a,b;;c",
        "--", "\u{0}", "é\u{301}", "𐐨ß", "9223372036854775808", .string(String(repeating: "ab-", count: 700)),
    ]

    /// Every text, with numbers and times of every size beside it.
    private static func rows(_ schema: Schema) -> Batch {
        let columns = schema.fields.map { field -> Column in
            var builder = ColumnBuilder(field.type)
            for (row, text) in texts.enumerated() {
                let extremes: [Int64] = [0, 1, -1, .max, .min, 2_932_896, -719_162]
                let number = extremes[row % extremes.count]
                switch field.type {
                case _ where row == 0: builder.appendNull()
                case .text: builder.append(text: text.stringValue)
                case .binary: builder.append(text: text.stringValue)
                case .bool: builder.append(bool: row % 2 == 0)
                case .float64: builder.append(float64: [0, -0.0, .nan, .infinity, 1e-300, 32, -40][row % 7])
                case .date: builder.append(date: Int32(clamping: number))
                case .timestamp: builder.append(int64: number)
                case .int64: builder.append(int64: number)
                case .decimal(let precision, _):
                    var bound: Int64 = 1
                    for _ in 0..<precision { bound *= 10 }
                    builder.append(int64: number % bound)
                }
            }
            return builder.finish()
        }
        return Batch(schema: schema, columns: columns, rowCount: texts.count)
    }
}

import Columnar
import Foundations
import Testing

@testable import Transform

/// Text kernels beside their slow twins, and whole programs however their rows are cut and shared out.
@Suite struct TextKernelPropertyTests {
    static func rows(_ count: Int, _ random: inout SeededRandom) -> [String?] {
        (0..<count).map { _ in
            Int.random(in: 0..<8, using: &random) == 0 ? nil : PropertyTests.text(&random)
        }
    }

    static func run(_ operation: Transform.Operation, _ columns: [[String?]]) throws -> [[UInt8]?] {
        let batch = batch(columns.map(textColumn))
        let names = ["a", "b", "c", "d"].prefix(columns.count)
        let step = Step(operation: operation, inputs: names.map { .name($0) }, name: "r", onError: .quarantine)
        let executor = try PlanExecutor([Plan(target: "x", steps: [step], result: "r")], inputs: batch.schema)
        return texts(try executor.run(batch).columns[0]).map { $0.map { Array($0.utf8) } }
    }

    @Test func `case with its letters is its slow twin`() throws {
        var random = SeededRandom()
        for round in 0..<120 {
            let rows = Self.rows(60, &random)
            let letters: CaseLetters = [.unicode, .basic, .ascii][round % 3]
            let to: LetterCase = round % 2 == 0 ? .upper : .lower
            let last: UInt32 = letters == .ascii ? 0x7F : letters == .basic ? 0xFFFF : 0x10FFFF
            let expected = rows.map { row in
                row.map { text in
                    Slow.string(
                        text.unicodeScalars.map { scalar in
                            guard scalar.value <= last else { return scalar }
                            return Slow.change(Slow.string([scalar]), to).unicodeScalars.first ?? scalar
                        })
                }
            }
            let made = try Self.run(.changeCase(to, letters), [rows])
            #expect(made == expected.map { $0.map { Array($0.utf8) } }, "\(letters) \(to), seed \(random.seed)")
        }
    }

    /// Bytes cut at every occurrence of a separator, from the left.
    static func pieces(_ text: [UInt8], _ separator: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        var at = 0
        while at < text.count {
            if text[at...].starts(with: separator) {
                pieces.append([])
                at += separator.count
            } else {
                pieces[pieces.count - 1].append(text[at])
                at += 1
            }
        }
        return pieces
    }

    @Test func `regex_split is its slow twin`() throws {
        var random = SeededRandom()
        for round in 0..<200 {
            let separator = [" ", "a", "aa", "\u{A0}", "a\u{A0}", "  ", "é"].randomElement(using: &random) ?? " "
            let rows = (0..<50).map { _ -> String? in
                if Int.random(in: 0..<8, using: &random) == 0 { return nil }
                return (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    ["a", " ", "b", "\u{A0}", "é"].randomElement(using: &random) ?? " "
                }.joined()
            }
            let choice: PieceChoice =
                round % 2 == 0
                ? .index(Int.random(in: -4...4, using: &random))
                : .join(["", "-", "long"].randomElement(using: &random) ?? "")
            let expected = rows.map { row -> [UInt8]? in
                guard let row else { return nil }
                let pieces = Self.pieces(Array(row.utf8), Array(separator.utf8))
                switch choice {
                case .index(let index):
                    let place = index < 0 ? pieces.count + index : index
                    return pieces.indices.contains(place) ? pieces[place] : nil
                case .join(let text): return Array(pieces.joined(separator: Array(text.utf8)))
                }
            }
            #expect(
                try Self.run(.regexSplit(.text(separator), choice), [rows]) == expected,
                "\(separator) \(choice), seed \(random.seed)")
            // A pattern that is the same text cuts the same.
            let pattern = try Regex(separator)
            #expect(
                try Self.run(.regexSplit(.pattern(pattern), choice), [rows]) == expected,
                "pattern \(separator) \(choice), seed \(random.seed)")
        }
    }

    @Test func `map_dict finds what a dictionary of bytes has`() throws {
        var random = SeededRandom()
        for round in 0..<60 {
            var map: [String: String?] = [:]
            for _ in 0..<Int.random(in: 0...(round == 0 ? 9000 : 40), using: &random) {
                let value = PropertyTests.text(&random)
                map[PropertyTests.text(&random)] = .some(Bool.random(using: &random) ? value : nil)
            }
            let known = Dictionary(map.map { (Array($0.key.utf8), $0.value) }, uniquingKeysWith: { $1 })
            var rows = Self.rows(60, &random)
            rows += map.keys.prefix(60).map { $0 }
            let otherwise: Mapping.Otherwise = [.null, .text("other"), .keep].randomElement(using: &random) ?? .null
            let null: String? = Bool.random(using: &random) ? "nothing" : nil
            let expected = rows.map { row -> [UInt8]? in
                guard let row else { return null.map { Array($0.utf8) } }
                if let found = known[Array(row.utf8)] { return found.map { Array($0.utf8) } }
                switch otherwise {
                case .null, .error: return nil
                case .text(let text): return Array(text.utf8)
                case .keep: return Array(row.utf8)
                }
            }
            let made = try Self.run(.mapDict(Mapping(map: map, otherwise: otherwise, null: null)), [rows])
            #expect(made == expected, "seed \(random.seed)")
        }
    }

    @Test func `concat is its slow twin`() throws {
        var random = SeededRandom()
        for round in 0..<120 {
            let columns = (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.rows(40, &random) }
            let concat = Concatenation(
                separator: ["", "-", "a longer separator than thirty-two bytes"][round % 3],
                nulls: Bool.random(using: &random) ? .skip : .propagate,
                prefix: ["", "<"].randomElement(using: &random) ?? "",
                suffix: ["", " >>"].randomElement(using: &random) ?? "")
            let expected = (0..<40).map { row -> [UInt8]? in
                let cells = columns.map { $0[row] }
                let there = cells.compactMap(\.self)
                guard !there.isEmpty, concat.nulls == .skip || there.count == cells.count else { return nil }
                return Array((concat.prefix + there.joined(separator: concat.separator) + concat.suffix).utf8)
            }
            #expect(try Self.run(.concat(concat), columns) == expected, "seed \(random.seed)")
        }
    }

    /// Everything at once: what blocks, registers and threads could mix up.
    static let program = #"""
        {"inputs":[{"name":"a","type":"text"},{"name":"b","type":"text"}],"plans":[
        {"target":"name","steps":[{"op":"trim","in":["a"],"as":"t"},{"op":"collapse_whitespace","in":["t"],"as":"c"},
         {"op":"case","in":["c"],"to":"upper","as":"u"},{"op":"concat","in":["u","b"],"separator":"-","nulls":"skip",
         "as":"r"}],"result":"r"},
        {"target":"number","steps":[{"op":"trim","in":["b"],"as":"t"},{"op":"type_cast","in":["t"],"to":"decimal(9,2)",
         "as":"r"}],"result":"r"},
        {"target":"twice","steps":[{"op":"trim","in":["b"],"as":"t"},{"op":"type_cast","in":["t"],"to":"decimal(9,2)",
         "as":"n"},{"op":"safe_math","function":"divide","in":["n",{"decimal":"0.3"}],"to":"decimal(12,4)","as":"r"}],
         "result":"r"},
        {"target":"text","steps":[{"op":"trim","in":["b"],"as":"t"},{"op":"type_cast","in":["t"],"to":"decimal(9,2)",
         "on_error":"null","as":"n"},{"op":"type_cast","in":["n"],"to":"text","as":"r"}],"result":"r"},
        {"target":"word","steps":[{"op":"regex_extract","in":["a"],"pattern":"[A-Za-z]+","as":"w"},{"op":"map_dict",
         "in":["w"],"map":{"a":"1"},"default":{"error":true},"null":null,"as":"r"}],"result":"r"},
        {"target":"yes","steps":[{"op":"type_cast","in":["b"],"to":"bool","on_error":"null","as":"r"}],"result":"r"},
        {"target":"same","steps":[],"result":"a"}]}
        """#

    @Test func `any cut and any number of threads makes the same rows`() throws {
        var random = SeededRandom()
        let executor = try PlanExecutor(ProgramDocument.parse(Array(Self.program.utf8)).program)
        let count = 5000
        let a = Self.rows(count, &random)
        let b = (0..<count).map { row -> String? in
            switch Int.random(in: 0..<6, using: &random) {
            case 0: nil
            case 1: "x\(row)"
            default: " \(row).\(row % 100)"
            }
        }
        func batch(_ rows: Range<Int>) -> Batch {
            Batch(
                schema: executor.inputs, columns: [textColumn(Array(a[rows])), textColumn(Array(b[rows]))],
                rowCount: rows.count, firstOrdinal: Int64(rows.lowerBound))
        }
        let whole = try executor.run(batch(0..<count))
        #expect(!whole.errors.isEmpty)
        let places = whole.errors.map { [$0.row, $0.plan, $0.step] }
        #expect(places == places.sorted { $0.lexicographicallyPrecedes($1) })
        for threads in 1...4 {
            var cuts = [0]
            while let last = cuts.last, last < count {
                cuts.append(min(count, last + Int.random(in: 1...1500, using: &random)))
            }
            let ranges = zip(cuts, cuts.dropFirst()).map { $0..<$1 }
            let results = try executor.run(ranges.map(batch), threads: threads)
            #expect(results.count == ranges.count)
            var errors: [RowError] = []
            for (range, result) in zip(ranges, results) {
                #expect(result.batch.firstOrdinal == Int64(range.lowerBound))
                errors += result.errors.map {
                    RowError(row: $0.row + range.lowerBound, plan: $0.plan, step: $0.step, reason: $0.reason)
                }
                for place in result.columns.indices {
                    let expected = whole.columns[place].gather(Array(range))
                    var same = result.columns[place].nullCount == expected.nullCount
                    for row in 0..<range.count where cell(result.columns[place], row) != cell(expected, row) {
                        same = false
                    }
                    #expect(same, "column \(place), \(threads) threads, seed \(random.seed)")
                }
            }
            #expect(errors == whole.errors, "\(threads) threads, seed \(random.seed)")
        }
    }

    @Test func `a batch of another schema fails all batches behind it`() throws {
        let executor = try PlanExecutor(ProgramDocument.parse(Array(Self.program.utf8)).program)
        let good = Batch(
            schema: executor.inputs, columns: [textColumn(["a"]), textColumn(["1"])], rowCount: 1)
        for threads in 1...3 {
            #expect(throws: SluiceError.self) {
                try executor.run([good, good, batch([textColumn(["a"])]), good], threads: threads)
            }
            #expect(try executor.run([], threads: threads).isEmpty)
        }
    }
}

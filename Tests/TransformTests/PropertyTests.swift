import Columnar
import Foundations
import Testing

@testable import Transform

/// The slow twins: the same meaning, scalar by scalar over the standard library's Unicode properties.
enum Slow {
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    static func trim(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        while let last = scalars.last, isSpace(last) { scalars.removeLast() }
        return string(scalars.drop(while: isSpace))
    }

    static func collapse(_ text: String) -> String {
        var out: [Unicode.Scalar] = []
        var inRun = false
        for scalar in text.unicodeScalars {
            if isSpace(scalar) {
                if !inRun { out.append(" ") }
                inRun = true
            } else {
                out.append(scalar)
                inRun = false
            }
        }
        return string(out)
    }

    static func change(_ text: String, _ letters: LetterCase) -> String {
        string(
            text.unicodeScalars.map { scalar in
                if letters == .lower, scalar == "\u{130}" { return "i" }
                let mapping =
                    letters == .upper ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
                let scalars = Array(mapping.unicodeScalars)
                return scalars.count == 1 ? scalars[0] : scalar
            })
    }

    static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var out = String.UnicodeScalarView()
        out.append(contentsOf: scalars)
        return String(out)
    }
}

@Suite struct PropertyTests {
    /// Texts of 0 to 40 scalars that lean towards what fast paths could get wrong.
    static func text(_ random: inout SeededRandom) -> String {
        let spaces: [Unicode.Scalar] = [
            " ", " ", " ", "\t", "\n", "\u{B}", "\u{85}", "\u{A0}", "\u{1680}", "\u{2003}", "\u{2028}", "\u{202F}",
            "\u{205F}", "\u{3000}", "\u{200B}", "\u{FEFF}", "\u{1C}", "\u{2054}", "\u{20A0}", "\u{E0020}",
        ]
        let letters: [Unicode.Scalar] = [
            "a", "z", "A", "Z", "@", "[", "`", "{", "0", "é", "ß", "İ", "ı", "ǆ", "Ω", "ς", "中", "😀", "𐐀",
        ]
        let kind = Int.random(in: 0..<4, using: &random)
        return Slow.string(
            (0..<Int.random(in: 0...40, using: &random)).map { _ in
                switch Int.random(in: 0..<10, using: &random) {
                case 0...2: kind == 0 ? " " : (spaces.randomElement(using: &random) ?? " ")
                case 3...5 where kind > 1: letters.randomElement(using: &random) ?? "a"
                case 6 where kind == 3:
                    Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) ?? "x"
                default: Unicode.Scalar(UInt8.random(in: 0x20...0x7E, using: &random))
                }
            })
    }

    @Test func `text steps equal their slow twins, alone and fused`() throws {
        var random = SeededRandom()
        let ops: [(json: String, slow: (String) -> String)] = [
            (#""op":"trim""#, Slow.trim), (#""op":"collapse_whitespace""#, Slow.collapse),
            (#""op":"case","to":"upper""#, { Slow.change($0, .upper) }),
            (#""op":"case","to":"lower""#, { Slow.change($0, .lower) }),
        ]
        for _ in 0..<150 {
            let rows: [String?] = (0..<60).map { _ in
                Int.random(in: 0..<8, using: &random) == 0 ? nil : Self.text(&random)
            }
            let batch = batch([textColumn(rows)])
            let chain = (0..<Int.random(in: 1...4, using: &random)).compactMap { _ in ops.randomElement(using: &random)
            }
            let steps = chain.enumerated().map { place, op in
                #"{\#(op.json),"in":["\#(place == 0 ? "a" : "s\(place)")"],"as":"s\#(place + 1)"}"#
            }
            let plan = try plan(
                #"{"target":"x","steps":[\#(steps.joined(separator: ","))],"result":"s\#(chain.count)"}"#)
            let made = texts(try PlanExecutor([plan], inputs: batch.schema).run(batch).columns[0])
            let expected = rows.map { row in row.map { chain.reduce($0) { $1.slow($0) } } }
            // Bytes, because String's equality is canonical equivalence.
            let bytes = { (text: String?) in text.map { Array($0.utf8) } }
            #expect(made.map(bytes) == expected.map(bytes), "seed \(random.seed)")
        }
    }

    /// The Unicode version of the running standard library.
    static let runtimeVersion: String = {
        var newest = 0
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age else { continue }
            newest = max(newest, age.major * 100 + age.minor)
        }
        return "\(newest / 100).\(newest % 100).0"
    }()

    // A runtime with another version cannot check the table, and need not: the table is ours.
    @Test(.enabled(if: runtimeVersion == CaseTable.version))
    func `the case table is that of its Unicode version`() {
        for value in UInt32(0x80)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for letters in LetterCase.allCases {
                let expected = Slow.change(String(Character(scalar)), letters).unicodeScalars.first?.value
                let made = letters == .upper ? CaseTable.upper(value) : CaseTable.lower(value)
                if made != expected { Issue.record("U+\(String(value, radix: 16)) \(letters)") }
                let grown = Unicode.Scalar(made).map { UTF8.width($0) } ?? 0
                if grown > 2 * UTF8.width(scalar) { Issue.record("U+\(String(value, radix: 16)) outgrows its buffer") }
            }
        }
    }

    @Test func `float64 is the standard library's conversion, bit by bit`() {
        var random = SeededRandom()
        func digits(_ most: Int) -> String {
            let bytes = (0..<Int.random(in: 1...most, using: &random)).map { _ in
                UInt8.random(in: 48...57, using: &random)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        for round in 0..<60_000 {
            var text = ["", "-", "+"].randomElement(using: &random) ?? ""
            if round % 3 == 0 {
                let value = Double(bitPattern: random.next())
                guard value.isFinite else { continue }
                text = value.description
            } else {
                text += digits(round % 5 == 0 ? 30 : 9)
                if Bool.random(using: &random) { text += "." + digits(round % 5 == 0 ? 30 : 7) }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    text += "e\(Int.random(in: -330...320, using: &random))"
                }
            }
            var made = 0.0
            let reason = Array(text.utf8).withUnsafeBytes { TextGuard.float64($0, &made) }
            let expected = Double(text)
            if let expected, expected.isFinite {
                #expect(reason == nil && made.bitPattern == expected.bitPattern, "\(text), seed \(random.seed)")
            } else {
                #expect(reason == .overflow, "\(text), seed \(random.seed)")
            }
        }
    }

    @Test func `numbers become the text of ECMAScript and come back`() {
        var random = SeededRandom()
        let out = UnsafeMutableRawPointer.allocate(byteCount: ValueText.capacity, alignment: 8)
        defer { out.deallocate() }
        for round in 0..<60_000 {
            let value: Double =
                switch round % 4 {
                case 0: Double(bitPattern: random.next())
                case 1: Double(Int.random(in: -1_000_000...1_000_000, using: &random)) / 100
                case 2: Double(Int64.random(in: Int64.min...Int64.max, using: &random)) / 1e9
                default: Double(Int.random(in: -99999...99999, using: &random)) * 1e-7
                }
            guard value.isFinite else { continue }
            let shortest = UnsafeRawBufferPointer(start: out, count: ValueText.float64(value, out))
            let text = String(decoding: shortest, as: UTF8.self)
            #expect(text == JSON.ecmaScript(value), "seed \(random.seed)")
            let integer = Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
            let decimal = UnsafeRawBufferPointer(start: out, count: ValueText.int64(integer, out))
            #expect(String(decoding: decimal, as: UTF8.self) == String(integer), "seed \(random.seed)")
            var back: Int64 = 0
            #expect(TextGuard.int64(decimal, &back) == nil && back == integer, "seed \(random.seed)")
            let time = Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random)
            let iso = UnsafeRawBufferPointer(start: out, count: ValueText.timestamp(time, out))
            #expect(String(decoding: iso, as: UTF8.self) == CivilTime.text(microseconds: time), "seed \(random.seed)")
            #expect(TextGuard.timestamp(iso, &back) == nil && back == time, "seed \(random.seed)")
        }
    }

    @Test func `every day of the calendar is read back from its text`() {
        var text = [UInt8](repeating: 0, count: ValueText.capacity)
        for day in Calendar.firstDay...Calendar.lastDay {
            var back: Int32 = 0
            let fits = text.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return false }
                let count = ValueText.date(Int(day), base)
                return TextGuard.date(UnsafeRawBufferPointer(start: base, count: count), &back) == nil
            }
            if !fits || back != day { Issue.record("day \(day)") }
        }
    }

    @Test func `a slice of a batch gives the slice of the result`() throws {
        var random = SeededRandom()
        let rows: [String?] = (0..<500).map { (row: Int) -> String? in
            if row % 7 == 0 { return nil }
            return row % 3 == 0 ? String(row) : Self.text(&random)
        }
        let plans = try [
            plan(
                #"{"target":"n","steps":[{"op":"trim","in":["a"],"as":"t"},"#
                    + #"{"op":"type_cast","in":["t"],"to":"int64","as":"r"}],"result":"r"}"#),
            plan(
                #"{"target":"u","steps":[{"op":"case","in":["a"],"to":"upper","as":"t"},"#
                    + #"{"op":"concat","in":["t","a"],"separator":"-","as":"r"}],"result":"r"}"#),
        ]
        let whole = batch([textColumn(rows)])
        let executor = try PlanExecutor(plans, inputs: whole.schema)
        let all = try executor.run(whole)
        var at = 0
        while at < rows.count {
            let count = min(Int.random(in: 0...90, using: &random), rows.count - at)
            let part = try executor.run(batch([textColumn(Array(rows[at..<at + count]))]))
            for row in 0..<count {
                for place in 0..<2 {
                    #expect(cell(part.columns[place], row) == cell(all.columns[place], at + row), "seed \(random.seed)")
                }
            }
            let expected = all.errors.filter { $0.row >= at && $0.row < at + count }
                .map { RowError(row: $0.row - at, plan: $0.plan, step: $0.step, reason: $0.reason) }
            #expect(part.errors == expected, "seed \(random.seed)")
            at += count
        }
    }
}

import Columnar
import Foundations
import Glibc
import Policy
import Testing

@testable import PluginHost

@Suite struct `Frames from a runner` {
    /// A header and a payload, as a runner would send them.
    private struct Sample {
        let answer: Wire.Answer
        let bytes: [UInt8]
    }

    private static func frame(_ answer: Wire.Answer, _ fill: (inout FrameWriter) -> Void) -> Sample {
        var writer = FrameWriter(.call, call: 7)
        fill(&writer)
        var bytes = writer.finish() ?? []
        bytes[4] = UInt8(answer.rawValue)
        return Sample(answer: answer, bytes: bytes)
    }

    private static let samples: [Sample] = [
        frame(.hello) {
            $0.integer(UInt32(1))
            $0.integer(UInt32(0))
            $0.integer(UInt32(1))
            $0.integer(UInt64(0x3D))
            $0.integer(UInt32(1))
            $0.integer(UInt32(1))
            $0.integer(Int32(38))
        },
        frame(.loaded) {
            $0.integer(Int32(3))
            $0.text("fixture.good_check")
            $0.text("1.0.0")
            $0.integer(UInt32(0))
            $0.integer(UInt32(1))
            $0.text(#"{"summary":"counts"}"#)
        },
        frame(.error) {
            $0.integer(Int32(5))
            $0.integer(UInt32(1))
            $0.integer(UInt64(250))
            $0.text("too late")
        },
        frame(.batch) { $0.batch(batch()) },
        frame(.result) {
            $0.text(#"{"rows":3,"findings":[{"metric":"m","value":0.5,"column":"c0","ordinals":[0,2]}]}"#)
        },
        frame(.result) {
            $0.integer(UInt32(4))
            $0.integer(UInt64(2))
            for value in 0..<8 { $0.integer(Float(value).bitPattern) }
        },
    ]

    private static func batch() -> Batch {
        var numbers = ColumnBuilder(.int64)
        var texts = ColumnBuilder(.text)
        var flags = ColumnBuilder(.bool)
        var days = ColumnBuilder(.date)
        for row in 0..<19 {
            if row % 5 == 3 { numbers.appendNull() } else { numbers.append(int64: Int64(row)) }
            texts.append(text: row % 4 == 1 ? nil : String(repeating: "aé€😀", count: row))
            flags.append(bool: row % 3 == 0)
            days.append(date: Int32(row))
        }
        return Batch(
            schema: Schema([Field("n", .int64), Field("t", .text), Field("f", .bool), Field("d", .date)]),
            columns: [numbers.finish(), texts.finish(), flags.finish(), days.finish()], rowCount: 19)
    }

    /// Everything that the host does with a frame of this kind, down to each value.
    private static func decode(_ bytes: [UInt8], _ expected: Wire.Answer) throws {
        let header = try bytes.withUnsafeBytes { try Wire.Header($0) }
        guard header.answer == expected, bytes.count >= Wire.headerSize + header.size else { return }
        let payload = Bytes.copy(Array(bytes[Wire.headerSize..<(Wire.headerSize + header.size)]))
        switch header.answer {
        case .hello: _ = try RunnerHello(payload)
        case .loaded: _ = try JSONParser.parseBytes(RunnerLoaded(payload).description)
        case .error: _ = Redaction.line(try RunnerReport(payload).message)
        case .batch: touch(try PayloadReader(payload).batch())
        default:
            if (try? ProviderSession.vectors(payload, count: 2)) != nil { return }
            var reader = PayloadReader(payload)
            let text = try reader.textBytes()
            try reader.finish()
            var bounds = VerdictBounds(schema: maskedSchema)
            bounds.note(maskedBatch(["a", "b", "c"]).batch)
            let declaration = try CheckDeclaration(
                Array(#"{"companions":[],"reason_codes":[],"metrics":["m"]}"#.utf8), companions: [])
            _ = try CheckVerdict(text, declaration: declaration, bounds: bounds)
        }
    }

    private static func touch(_ batch: Batch) {
        var sum = 0
        for column in batch.columns {
            column.withView { view in
                for row in 0..<view.count where view.isValid(row) {
                    switch view.type {
                    case .bool: sum &+= view.bool(row) ? 1 : 0
                    case .int64, .timestamp: sum &+= Int(view.int64(row))
                    case .float64: sum &+= view.float64(row).isNaN ? 1 : 0
                    case .date: sum &+= Int(view.date(row))
                    case .text, .binary: sum &+= view.bytes(row).reduce(0) { $0 + Int($1) }
                    }
                }
            }
        }
        // Checks take batches too: the copy that would be sent on must be makeable.
        if batch.rowCount <= 1000 { _ = CheckSession.exact(batch) }
        withExtendedLifetime(sum) {}
    }

    @Test func `that are right are read`() throws {
        for sample in Self.samples { try Self.decode(sample.bytes, sample.answer) }
    }

    @Test func `that are mutated 20,000 times crash nothing`() {
        let named = Context.system.environment["SLUICE_FUZZ_SEED"].flatMap(UInt64.init)
        let seed = named ?? UInt64.random(in: 0...UInt64.max)
        // Before the loop: a crash must leave it behind.
        print("fuzz seed: SLUICE_FUZZ_SEED=\(seed)")
        fflush(nil)
        var random = Seeded(state: seed)
        var refused = 0
        for _ in 0..<20_000 {
            guard let sample = Self.samples.randomElement(using: &random) else { continue }
            let bytes = Self.mutate(sample.bytes, &random)
            do { try Self.decode(bytes, sample.answer) } catch { refused += 1 }
        }
        #expect(refused > 5_000, "with seed \(seed), mutants are refused")
    }

    private static func mutate(_ original: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = original
        let edge: [UInt32] = [0, 1, 7, 8, 0x7F, 0x80, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF8, 0xFFFF_FFFF]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 2:
                // A whole field, mostly a length or an offset.
                let field = at & ~3
                let value = edge.randomElement(using: &random) ?? 0
                for byte in 0..<4 where field + byte < bytes.count {
                    bytes[field + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))
                }
            case 3: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...40, using: &random)))
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            default: bytes.swapAt(at, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        // Half of them get a header that fits, so that the payload's reader is reached.
        if Bool.random(using: &random), bytes.count >= Wire.headerSize {
            let size = UInt32(bytes.count - Wire.headerSize)
            for byte in 0..<4 { bytes[byte] = UInt8(truncatingIfNeeded: size >> UInt32(8 * byte)) }
        }
        return bytes
    }

    @Test func `of wrong vectors are refused`() {
        func vectors(_ dimensions: UInt32, _ rows: UInt64, _ values: [Float]) -> Bytes {
            var writer = FrameWriter(.call, call: 1)
            writer.integer(dimensions)
            writer.integer(rows)
            for value in values { writer.integer(value.bitPattern) }
            return Bytes.copy(Array((writer.finish() ?? []).dropFirst(Wire.headerSize)))
        }
        #expect(throws: Never.self) { try ProviderSession.vectors(vectors(2, 1, [1, 2]), count: 1) }
        for payload in [
            vectors(2, 2, [1, 2]), vectors(0, 1, []), vectors(2, 1, [1]), vectors(2, 1, [1, .nan]),
            vectors(2, 1, [1, .infinity]), vectors(1 << 20, 1, [1]), vectors(2, 1, [1, 2, 3]),
        ] {
            #expect(throws: Wire.Fault.self) { try ProviderSession.vectors(payload, count: 1) }
        }
    }
}

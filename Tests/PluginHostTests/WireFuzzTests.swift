import Columnar
import Foundations
import Glibc
import Policy
import Testing

@testable import PluginHost

/// The ways in which the host reads what a runner answers.
private enum Reading: CaseIterable {
    case hello, loaded, nothing, failure, scanned, slot, verdict, vectors, schema, inventory, tokens, counts, results
}

@Suite struct `Frames from a runner` {
    /// Bytes as a runner would send them: LOG and PROGRESS perhaps, then the frame that is awaited.
    private struct Sample {
        let reading: Reading
        let answer: Wire.Answer
        let bytes: [UInt8]
    }

    private static let call: UInt32 = 7

    private static func frame(_ answer: Wire.Answer, _ fill: (inout FrameWriter) -> Void) -> [UInt8] {
        var writer = FrameWriter(.call, call: call)
        fill(&writer)
        var bytes = writer.finish() ?? []
        bytes[4] = UInt8(answer.rawValue)
        return bytes
    }

    private static func sample(
        _ reading: Reading, _ answer: Wire.Answer, after talk: [UInt8] = [], _ fill: (inout FrameWriter) -> Void
    ) -> Sample {
        Sample(reading: reading, answer: answer, bytes: talk + frame(answer, fill))
    }

    private static let talk =
        frame(.log) {
            $0.integer(Int32(2))
            $0.text("a word for ann@example.org")
        }
        + frame(.progress) {
            $0.integer(UInt64(3))
            $0.integer(UInt64(9))
        }

    private static let samples: [Sample] = [
        sample(.hello, .hello) {
            $0.integer(UInt32(2))
            $0.integer(UInt32(0))
            $0.integer(UInt32(1))
            $0.integer(UInt64(0x3D))
            $0.integer(UInt32(1))
            $0.integer(UInt32(1))
            $0.integer(Int32(38))
        },
        sample(.loaded, .loaded) {
            $0.integer(Int32(3))
            $0.text("fixture.good_check")
            $0.text("1.0.0")
            $0.integer(UInt32(0))
            $0.integer(UInt32(1))
            $0.text(#"{"summary":"counts"}"#)
        },
        sample(.nothing, .created) { _ in },
        sample(.nothing, .result, after: talk) { _ in },
        sample(.failure, .error, after: talk) {
            $0.integer(Int32(5))
            $0.integer(UInt32(1))
            $0.integer(UInt64(250))
            $0.text("too late")
        },
        sample(.scanned, .batch) { $0.batch(batch(rows: 19)) },
        sample(.scanned, .batch, after: talk) { $0.batch(batch(rows: 300)) },
        sample(.scanned, .batch) { $0.schema(batch(rows: 1).schema) },
        sample(.slot, .batchAt, after: talk) {
            $0.integer(UInt32(0))
            $0.integer(UInt64(BatchLayout(batch(rows: 300)).byteCount))
        },
        sample(.results, .results, after: talk) {
            $0.integer(UInt32(2))
            $0.integer(UInt32(0))
            $0.text(bytes: [12, 0, 0, 0, 0, 0, 0, 0])
            $0.integer(UInt32(1))
            $0.text(bytes: failed)
        },
        sample(.verdict, .result, after: talk) {
            $0.text(#"{"rows":3,"findings":[{"metric":"m","value":0.5,"column":"c0","ordinals":[0,2]}]}"#)
        },
        sample(.vectors, .result) {
            $0.integer(UInt32(4))
            $0.integer(UInt64(2))
            for value in 0..<8 { $0.integer(Float(value).bitPattern) }
        },
        sample(.schema, .result) {
            $0.text(#"{"format":"csv"}"#)
            $0.schema(batch(rows: 1).schema)
        },
        sample(.inventory, .result) { $0.text(#"{"tables":[{"name":"a"},{"name":"\u00e9"}]}"#) },
        sample(.tokens, .result) { $0.integer(UInt64(12)) },
        sample(.counts, .result, after: talk) {
            $0.integer(UInt64(2))
            $0.integer(UInt64(19))
        },
    ]

    private static let failed: [UInt8] = Array(
        frame(.error) {
            $0.integer(Int32(5))
            $0.integer(UInt32(1))
            $0.integer(UInt64(250))
            $0.text("too late")
        }.dropFirst(Wire.headerSize))

    /// Memory as a runner shares it, a batch in its first slot and a broken one in the other.
    private static func slots() throws -> IncomingSlots {
        guard let region = try SharedRegion(isForReading: true) else { throw Trouble() }
        BatchLayout(batch(rows: 300)).write(to: region.slot(0))
        BatchLayout(batch(rows: 19)).write(to: region.slot(1))
        region.slot(1)[100] ^= 0xFF
        return IncomingSlots(region)
    }

    /// Every type, with nulls and without.
    private static func batch(rows: Int) -> Batch {
        let types: [ColumnType] = [.int64, .text, .bool, .date, .float64, .timestamp, .binary, .text]
        let fields = types.enumerated().map { Field("c\($0.offset)é", $0.element) }
        let columns = types.enumerated().map { column($0.element, rows: rows, nullEvery: $0.offset + 3) }
        return Batch(schema: Schema(fields), columns: columns, rowCount: rows)
    }

    /// No nulls in booleans.
    private static func column(_ type: ColumnType, rows: Int, nullEvery: Int) -> Column {
        var builder = ColumnBuilder(type)
        for row in 0..<rows {
            if type != .bool, row % nullEvery == 2 {
                builder.appendNull()
                continue
            }
            switch type {
            case .bool: builder.append(bool: row % 3 == 0)
            case .int64, .timestamp, .decimal: builder.append(int64: Int64(row))
            case .float64: builder.append(float64: Double(row) / 3)
            case .date: builder.append(date: Int32(row))
            case .text: builder.append(text: String(repeating: "aé€😀", count: row % 11))
            case .binary:
                let bytes = [UInt8](repeating: UInt8(row & 255), count: row % 5)
                bytes.withUnsafeBytes { builder.append(bytes: $0) }
            }
        }
        return builder.finish()
    }

    /// Everything that the host does with these bytes: through a socket and the real channel, down to each value.
    private static func decode(_ bytes: [UInt8], _ sample: Sample, slots: IncomingSlots) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw Trouble() }
        let written = bytes.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        // A process number that nobody has: there is nothing to reap or to kill.
        let child = RunnerChild(
            pid: Int32.max - 1, socket: Descriptor(owning: ends[0]),
            standardError: Descriptor(owning: open("/dev/null", O_RDONLY)))
        guard written == bytes.count else { throw Trouble() }
        var talked = 0
        let channel = Channel(
            child: child, clock: { 0 }, onLog: { talked += Redaction.line($1).utf8.count + Int($0) },
            onProgress: { _, _ in talked += 1 }, onSent: { _ in })
        var limits: [Wire.Answer: Int] = [.error: 1 << 16]
        if sample.answer != .error { limits[sample.answer] = 1 << 20 }
        let frame = try channel.receive(Channel.Expectation(call: call, limits: limits), deadline: 1)
        withExtendedLifetime(talked) {}
        try read(frame.payload, frame.answer == .error ? .failure : sample.reading, slots: slots)
    }

    private static func read(_ payload: Bytes, _ reading: Reading, slots: IncomingSlots) throws {
        switch reading {
        case .hello: _ = try RunnerHello(payload)
        case .loaded: _ = try JSONParser.parseBytes(RunnerLoaded(payload).description)
        case .nothing: try PayloadReader(payload).finish()
        case .failure:
            _ = try? RunnerReport(payload, ofUpdate: true)
            _ = Redaction.line(try RunnerReport(payload).message)
        case .scanned: touch(try PayloadReader(payload).batch())
        case .slot:
            slots.begin()
            touch(try slots.take(payload).batch)
        case .results:
            for part in try PluginProcess.results(payload, count: 2, limit: 8) where part.isError {
                _ = try RunnerReport(part.bytes)
            }
        case .vectors: _ = try ProviderSession.vectors(payload, count: 2)
        case .schema:
            var reader = PayloadReader(payload)
            _ = try JSONParser.parseBytes(reader.textBytes())
            _ = ConnectorSession.ownFields(try reader.batch().schema)
        case .inventory:
            var reader = PayloadReader(payload)
            let text = try reader.textBytes()
            try reader.finish()
            _ = try JSONParser.parseBytes(text)
        case .tokens, .counts:
            var reader = PayloadReader(payload)
            _ = try reader.integer(UInt64.self)
            if reading == .counts { _ = try reader.integer(UInt64.self) }
            try reader.finish()
        case .verdict:
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

    /// The test's own failure, which must not be taken for a refusal.
    private struct Trouble: Error {}

    private static func touch(_ batch: Batch) {
        var sum = 0
        for column in batch.columns {
            column.withView { view in
                for row in 0..<view.count where view.isValid(row) {
                    switch view.type {
                    case .bool: sum &+= view.bool(row) ? 1 : 0
                    case .int64, .timestamp, .decimal: sum &+= Int(view.int64(row))
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

    @Test func `that are right are read, in every way there is`() throws {
        let slots = try Self.slots()
        for sample in Self.samples { try Self.decode(sample.bytes, sample, slots: slots) }
        #expect(Set(Self.samples.map(\.reading)).count == Reading.allCases.count)
        #expect(Set(Self.samples.map(\.answer)).count == 8, "LOG and PROGRESS come in front of the others")
    }

    /// `make fuzz` sets SLUICE_FUZZ_FRAMES to a million; SLUICE_FUZZ_SEED repeats a run.
    @Test func `that are mutated crash nothing`() throws {
        let slots = try Self.slots()
        let environment = Context.system.environment
        let count = environment["SLUICE_FUZZ_FRAMES"].flatMap { Int($0) } ?? 50_000
        let seed = environment["SLUICE_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        // Before the loop: a crash must leave it behind.
        print("fuzz: \(count) frames, SLUICE_FUZZ_SEED=\(seed)")
        fflush(nil)
        var random = Seeded(state: seed)
        var refused = 0
        var troubles = 0
        let began = Context.system.monotonic()
        for _ in 0..<count {
            let sample = Self.samples[Int.random(in: 0..<Self.samples.count, using: &random)]
            let bytes = Self.mutate(sample.bytes, &random)
            do { try Self.decode(bytes, sample, slots: slots) } catch {
                refused += 1
                troubles += error is Trouble ? 1 : 0
            }
        }
        let seconds = Double(Context.system.monotonic() - began) / 1e9
        print("fuzz: \(refused) of \(count) refused, \(Int(seconds)) s")
        #expect(troubles == 0, "the socket or the harness failed, not the host")
        #expect(refused > count / 4, "with seed \(seed), mutants are refused")
        #expect(refused < count, "with seed \(seed), some mutants are read to their end")
    }

    private static func mutate(_ original: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = original
        let edge: [UInt32] = [0, 1, 7, 8, 0x7F, 0x80, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF8, 0xFFFF_FFFF]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 2:
                // A whole field, mostly a length or an offset.
                let field = at & ~3
                let value = edge[Int.random(in: 0..<edge.count, using: &random)]
                for byte in 0..<4 where field + byte < bytes.count {
                    bytes[field + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))
                }
            case 3: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...40, using: &random)))
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case 5:
                // A piece of another frame, at a place where one of its own was.
                let other = samples[Int.random(in: 0..<samples.count, using: &random)].bytes
                let from = Int.random(in: 0..<other.count, using: &random)
                let size = min(Int.random(in: 1...64, using: &random), other.count - from, bytes.count - at)
                bytes.replaceSubrange(at..<(at + size), with: other[from..<(from + size)])
            default: bytes.swapAt(at, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        // Half of them get headers that fit, so that the payload's reader is reached.
        if Bool.random(using: &random) { mend(&bytes, original) }
        return bytes
    }

    /// Puts the headers of the original back, the last one with the size that there is now.
    private static func mend(_ bytes: inout [UInt8], _ original: [UInt8]) {
        var at = 0
        while at + Wire.headerSize <= min(bytes.count, original.count) {
            bytes.replaceSubrange(at..<(at + Wire.headerSize), with: original[at..<(at + Wire.headerSize)])
            let size = (0..<4).reduce(0) { $0 | Int(original[at + $1]) << (8 * $1) }
            guard at + Wire.headerSize + size < original.count else {
                let left = UInt32(bytes.count - at - Wire.headerSize)
                for byte in 0..<4 { bytes[at + byte] = UInt8(truncatingIfNeeded: left >> UInt32(8 * byte)) }
                return
            }
            at += Wire.headerSize + size
        }
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

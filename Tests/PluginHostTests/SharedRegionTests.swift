import Columnar
import Foundations
import Glibc
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    /// Tables that cross in memory which host and runner share, and in frames where that does not fit.
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `Batches in shared memory` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        private func checking(_ fixture: String) throws -> CheckSession {
            let session = try CheckSession(
                try workshop.plugin(fixture, wall: 20), settings: workshop.settings, permit: permit(.callCheck))
            try session.begin(schema: maskedSchema, params: [:])
            return session
        }

        /// One row whose frame has that many bytes, a multiple of 8.
        private func row(ofFrame size: Int) -> MaskedBatch {
            let head = BatchLayout(maskedBatch([""]).batch).byteCount
            return maskedBatch([String(repeating: "z", count: size - head)])
        }

        // MARK: To a check

        @Test func `go to a check in a slot, or in a frame below and above one`() throws {
            for (size, isInSlot) in [
                (Wire.inlineBatch - 8, false), (Wire.inlineBatch, false), (Wire.inlineBatch + 8, true),
                (Wire.slotSize - 8, true), (Wire.slotSize, true), (Wire.slotSize + 8, false),
            ] {
                let session = try checking("good_check")
                let slots = try #require(session.process.regions.toRunner)
                var written = 0
                slots.onWritten = { written += $0.count }
                let batch = row(ofFrame: size)
                #expect(BatchLayout(batch.batch).byteCount == size)
                try session.update(batch)
                #expect(written == (isInSlot ? size : 0), "\(size)")
                let verdict = try session.finish()
                #expect(verdict.findings.last?.value == Double(batch.batch.columns[1].values.count), "\(size)")
                session.stop()
            }
        }

        @Test func `that a check keeps are left alone until it lets go of them`() throws {
            let session = try checking("keeper_check")
            let slots = try #require(session.process.regions.toRunner)
            var inSlots = 0
            slots.onWritten = { _ in inSlots += 1 }
            for round in 1...3 {
                if round > 1 { try session.begin(schema: maskedSchema, params: [:]) }
                var bytes = 0
                for number in 0..<6 {
                    let text = String(repeating: "\(round)\(number)", count: 500)
                    let batch = maskedBatch((0..<100).map { $0 % 7 == 3 ? nil : "\($0) \(text)" })
                    bytes += batch.batch.columns[1].values.count
                    try session.update(batch)
                }
                let verdict = try session.finish()
                #expect(verdict.rows == 600)
                #expect(verdict.findings.map(\.value) == [Double(bytes), 0])
                // Both slots are kept at first, and the other batches go in frames. What finish lets go of is known with
                // the next update's answer.
                #expect(inSlots == (round == 1 ? 2 : 2 + (round - 1) * 2), "round \(round)")
            }
            session.stop()
            #expect(workshop.survivors() == [])
        }

        @Test func `are the host's again when the check fails over them`() throws {
            let session = try checking("keeper_check")
            let slots = try #require(session.process.regions.toRunner)
            var inSlots = 0
            slots.onWritten = { _ in inSlots += 1 }
            // It keeps 64 batches, here from frames, and lets go of what comes then.
            for _ in 0..<64 { try session.update(maskedBatch(["kept"])) }
            let large = maskedBatch(Array(repeating: String(repeating: "x", count: 500), count: 100))
            for _ in 0..<5 {
                let error = failure { try session.update(large) }
                #expect(error?.message.contains("it keeps no more") == true, "\(error?.message ?? "")")
            }
            #expect(inSlots == 5, "a slot that an error left taken")
            session.stop()
        }

        @Test func `cannot be written by the check`() throws {
            let session = try CheckSession(
                try workshop.hostile("write_batch", kind: .check, wall: 5), settings: workshop.settings,
                permit: permit(.callCheck))
            try session.begin(schema: maskedSchema, params: [:])
            let slots = try #require(session.process.regions.toRunner)
            var written: [UInt8] = []
            slots.onWritten = { written = Array($0) }
            let batch = maskedBatch(Array(repeating: String(repeating: "w", count: 100), count: 1000))
            let error = failure { try session.update(batch) }
            #expect(error?.detail == "plugin.crashed")
            #expect(error?.message.contains("SIGSEGV") == true, "\(error?.message ?? "")")
            #expect(written.count > Wire.inlineBatch)
            let still = Array(slots.region.slot(0).prefix(written.count))
            #expect(still == written)
            #expect(workshop.survivors() == [])
        }

        @Test func `are recorded when every byte is`() throws {
            let records = workshop.folder + "/records"
            try Files.makeFolder(records)
            workshop.settings.context.environment["SLUICE_RECORD_WIRE"] = records
            let session = try checking("good_check")
            try session.update(maskedBatch(Array(repeating: "CANARY-18 and more", count: 4000)))
            session.stop()
            let wire = try Files.read("\(records)/check-fixture.good_check-\(session.process.processID)-0.bin")
            let found = String(decoding: wire, as: UTF8.self).components(of: "CANARY-18")
            #expect(found == 4000)
        }

        // MARK: From a connector

        private func streaming() throws -> ConnectorSession {
            try ConnectorSession(
                try workshop.plugin("stream_connector", kind: .connector, wall: 60), streams: [.bytes([1])],
                settings: workshop.settings, permit: permit(.readSourceMetadata))
        }

        /// Reads such a table and holds every row to what the fixture makes up.
        private func scan(
            _ session: ConnectorSession, kind: Character, rows: Int, bytes: Int, batches: Int, nulls: Int = 0,
            skip: Int = 0
        ) throws {
            var seen = 0
            var wrong = 0
            let table = "\(kind) \(rows) \(bytes) \(batches) \(nulls) \(skip)"
            try session.scan(table: table, batchRows: max(1, rows), permit: permit(.migrate)) {
                (batch) throws(SluiceError) in
                seen += 1
                wrong += batch.rowCount == rows ? 0 : 1
                let numbers = batch.columns[0]
                let texts = batch.columns[1]
                numbers.withView { numbers in
                    texts.withView { texts in
                        for row in 0..<rows {
                            let place = row + skip
                            let isNull = nulls > 0 && place % nulls == nulls - 1
                            guard numbers.isValid(row) != isNull, texts.isValid(row) != isNull else {
                                wrong += 1
                                continue
                            }
                            let digits = String(place)
                            let head = String(repeating: "0", count: 9 - digits.count) + digits + ":"
                            let expected = isNull || bytes < 10 ? "" : head
                            let isRight =
                                numbers.int64(row) == (isNull ? 0 : Int64(3 * place))
                                && texts.bytes(row).count == (isNull ? 0 : bytes)
                                && texts.bytes(row).starts(with: expected.utf8)
                            wrong += isRight ? 0 : 1
                        }
                    }
                }
            }
            #expect(seen == batches, "\(table)")
            #expect(wrong == 0, "\(table)")
        }

        @Test func `come from a connector whole, with slices and nulls`() throws {
            let session = try streaming()
            for kind: Character in ["a", "m"] {
                for (nulls, skip) in [(0, 0), (0, 5), (7, 0), (3, 11), (1, 0)] {
                    for rows in [1, 1000, 20_000] {
                        try scan(session, kind: kind, rows: rows, bytes: 23, batches: 4, nulls: nulls, skip: skip)
                    }
                }
            }
            session.stop()
        }

        @Test func `come from a connector in a slot, or in a frame below and above one`() throws {
            let session = try streaming()
            let head = BatchLayout(
                Batch(
                    schema: Schema([Field("n", .int64), Field("t", .text)]),
                    columns: [int64s([0]), maskedBatch([""]).batch.columns[1]], rowCount: 1)
            ).byteCount
            for size in [
                Wire.inlineBatch - 8, Wire.inlineBatch, Wire.inlineBatch + 8, Wire.slotSize - 8, Wire.slotSize,
                Wire.slotSize + 8,
            ] {
                try scan(session, kind: "a", rows: 1, bytes: size - head, batches: 3)
            }
            try scan(session, kind: "a", rows: 0, bytes: 0, batches: 1)
            session.stop()
        }

        private func int64s(_ values: [Int64]) -> Column {
            var builder = ColumnBuilder(.int64)
            for value in values { builder.append(int64: value) }
            return builder.finish()
        }

        @Test func `are the runner's again after a scan that was given up`() throws {
            let session = try streaming()
            let stop = SluiceError(.interrupted, "Enough.")
            for round in 0..<5 {
                var batches = 0
                let error = failure {
                    try session.scan(table: "a 4000 20 1000 0 0", permit: permit(.migrate)) {
                        (_) throws(SluiceError) in
                        batches += 1
                        if batches > round { throw stop }
                    }
                }
                #expect(error == stop)
                #expect(session.process.isAlive, "round \(round)")
            }
            try scan(session, kind: "a", rows: 4000, bytes: 20, batches: 50)
            session.stop()
        }

        @Test func `that are kept do not change when their slot is used again`() throws {
            let session = try streaming()
            var kept: [Batch] = []
            try session.scan(table: "n 5000 30 9 0 0", permit: permit(.migrate)) { kept.append($0) }
            #expect(kept.count == 9)
            // Each batch has its own number in every row: one that lay in a slot would have a later one's.
            for (number, batch) in kept.enumerated() {
                let numbers = batch.columns[0].withView { view in Set((0..<view.count).map { view.int64($0) }) }
                #expect(numbers == [Int64(number)])
            }
            session.stop()
        }

        // MARK: The memory itself

        @Test func `lie in files that the runner cannot shrink, and can write one of alone`() throws {
            for isForReading in [true, false] {
                let region = try #require(try SharedRegion(isForReading: isForReading))
                let number = region.file.number
                #expect(ftruncate(number, 4096) == -1)
                #expect(ftruncate(number, off_t(SharedRegion.byteCount) * 2) == -1)
                let writing = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
                #expect((writing == MAP_FAILED) == isForReading)
                if writing != MAP_FAILED { munmap(writing, 4096) }
                let reading = mmap(nil, 4096, PROT_READ, MAP_SHARED, number, 0)
                #expect(reading != MAP_FAILED)
                #expect(mprotect(reading, 4096, PROT_READ | PROT_WRITE) == (isForReading ? -1 : 0))
                munmap(reading, 4096)
                #expect(write(number, "x", 1) == (isForReading ? -1 : 1))
                // Opened anew by its name, it is the same file with the same seals.
                let again = open("/proc/self/fd/\(number)", O_RDWR)
                let other = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0)
                #expect((other == MAP_FAILED) == isForReading)
                close(again)
            }
        }

        @Test func `are there for the kinds that move tables, and for them alone`() throws {
            for kind in PluginManifest.Kind.allCases {
                var regions = try SharedRegions(for: kind)
                #expect((regions.toRunner != nil) == (kind == .check))
                #expect((regions.fromRunner != nil) == (kind == .connector))
                var next: Int32 = 9
                let placed = regions.place(from: &next)
                #expect(placed.map(\.number) == (kind == .provider ? [] : [9]))
                #expect(regions.byteCount == (kind == .provider ? 0 : SharedRegion.byteCount))
                #expect(regions.toRunnerNumber == (kind == .check ? 9 : -1))
                #expect(regions.fromRunnerNumber == (kind == .connector ? 9 : -1))
            }
        }
    }

    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `Many calls in one frame` {
        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        private func echo() throws -> ProviderSession {
            try ProviderSession(
                try workshop.plugin("echo_provider", kind: .provider, wall: 20), settings: workshop.settings,
                permit: permit(.callProvider))
        }

        @Test func `are answered as they are one by one`() throws {
            let session = try echo()
            // More than one frame takes, by their number and by their bytes.
            let prompts = (0..<9000).map { MaskedPrompt(masked: String(repeating: "x", count: $0 % 1300)) }
            let together = try session.tokenEstimates(prompts).map { try $0.get() }
            let expected = (0..<9000).map { $0 % 1300 / 4 }
            #expect(together == expected)
            #expect(try session.tokenEstimate(prompts[8999]) == together[8999])
            #expect(try session.tokenEstimates([]).isEmpty)
            session.stop()
        }

        @Test func `fail each for itself`() throws {
            let session = try echo()
            let estimates = try session.tokenEstimates(["a", "bc"].map { MaskedPrompt(masked: $0) }, model: "none")
            #expect(estimates.count == 2)
            for estimate in estimates {
                let error = failure { _ = try estimate.get() }
                #expect(error?.detail == "plugin.failed")
                #expect(error?.message.contains("no such model") == true)
            }
            #expect(session.process.isAlive)
            session.stop()
        }

        @Test func `that take too long end at one deadline`() throws {
            let session = try ProviderSession(
                try workshop.plugin("echo_provider", kind: .provider, wall: 0.4), settings: workshop.settings,
                permit: permit(.callProvider))
            let start = Context.system.monotonic()
            let error = failure {
                _ = try session.tokenEstimates(["a", "b"].map { MaskedPrompt(masked: $0) }, model: "wait")
            }
            #expect(error?.detail == "plugin.timeout")
            #expect(Double(Context.system.monotonic() - start) / 1e9 < 2)
            #expect(workshop.survivors() == [])
        }

        @Test func `give no more and no less than was asked for`() {
            func payload(_ parts: [(UInt32, [UInt8])], count: UInt32? = nil, tail: [UInt8] = []) -> Bytes {
                var writer = FrameWriter(.call, call: 1)
                writer.integer(count ?? UInt32(parts.count))
                for (status, bytes) in parts {
                    writer.integer(status)
                    writer.text(bytes: bytes)
                }
                return Bytes.copy(Array((writer.finish() ?? []).dropFirst(Wire.headerSize)) + tail)
            }
            func results(_ payload: Bytes, _ count: UInt32) throws -> Int {
                try PluginProcess.results(payload, count: count, limit: 8).count
            }
            #expect(throws: Never.self) { try results(payload([(0, [1]), (1, [2])]), 2) }
            for wrong in [
                payload([]), payload([(0, [1])]), payload([(0, []), (0, []), (0, [])]), payload([(2, []), (0, [])]),
                payload([(0, []), (0, [UInt8](repeating: 0, count: 9))]), payload([(0, []), (0, [])], tail: [0]),
                payload([(0, [])], count: 2), payload([(1, [UInt8](repeating: 0, count: 1 << 17)), (0, [])]),
            ] {
                #expect(throws: Wire.Fault.self) { try results(wrong, 2) }
            }
        }
    }
}

extension String {
    /// How often a word is in it.
    fileprivate func components(of word: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.firstRange(of: word) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}

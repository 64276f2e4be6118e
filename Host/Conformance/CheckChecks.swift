internal import Columnar
internal import Foundations
internal import PluginHost

extension ConformanceCheck {
    /// What a check makes of masked batches, however they are cut.
    static let checkChecks: [ConformanceCheck] = [
        ConformanceCheck(
            .check, "same_answer", "The same rows get the same verdict, in one process again and in another one.",
            run: sameAnswer),
        ConformanceCheck(
            .check, "batch_split", "The verdict does not depend on how the rows are cut into batches.", run: batchSplit),
        ConformanceCheck(
            .check, "merge_order", "States of parts, merged in any order, give the verdict of the whole.",
            run: mergeOrder),
        ConformanceCheck(.check, "all_null", "Columns without a single value get a verdict.", run: allNull),
        ConformanceCheck(.check, "empty", "No batch, and batches without rows, get a verdict.", run: empty),
        ConformanceCheck(
            .check, "bounded_verdict",
            "Wide, long and thoroughly wrong tables get a verdict of at most 1 MiB, 100 ordinals a finding and declared words.",
            run: boundedVerdict),
        ConformanceCheck(
            .check, "canary", "No value of a row is in a message, a log line or on standard error.", run: canary),
    ]

    private static let rows = 96

    /// A few cuts of so many rows.
    private static func cuts(_ rows: Int, _ seeded: inout Seeded, parts: Int) -> [Range<Int>] {
        let ends = seeded.places(parts - 1, below: rows - 1).map { $0 + 1 } + [rows]
        var start = 0
        return ends.map { end in
            defer { start = end }
            return start..<end
        }
    }

    private static let sameAnswer: @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome = {
        (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        let table = TrialTable.make(rows: rows, &seeded)
        let pieces = cuts(rows, &seeded, parts: 3)
        let trial = try CheckTrial(subject)
        let first = try trial.verdict(table, pieces: pieces)
        if let difference = CheckTrial.difference(first, try trial.verdict(table, pieces: pieces)) {
            return .failed("begun anew over the same batches, its verdict is another one: \(difference)")
        }
        let other = try CheckTrial(subject)
        if let difference = CheckTrial.difference(first, try other.verdict(table, pieces: pieces)) {
            return .failed("two processes that got the same batches give two verdicts: \(difference)")
        }
        return .passed
    }

    private static let batchSplit: @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome = {
        (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        let table = TrialTable.make(rows: rows, &seeded)
        let trial = try CheckTrial(subject)
        let whole = try trial.verdict(table, pieces: [0..<rows])
        var splits: [(String, [Range<Int>])] = [("a batch a row", (0..<rows).map { $0..<$0 + 1 })]
        for parts in [2, 5, 13] { splits.append(("\(parts) batches", cuts(rows, &seeded, parts: parts))) }
        for (name, pieces) in splits {
            if let difference = CheckTrial.difference(whole, try trial.verdict(table, pieces: pieces)) {
                return .failed("in \(name) the rows get another verdict than in one: \(difference)")
            }
        }
        return .passed
    }

    private static let mergeOrder: @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome = {
        (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        let table = TrialTable.make(rows: rows, &seeded)
        let pieces = cuts(rows, &seeded, parts: 4)
        let trial = try CheckTrial(subject)
        let whole = try trial.verdict(table, pieces: pieces)
        var states: [CheckState] = []
        for piece in pieces {
            try trial.begin(table)
            try trial.session.update(trial.masked(table, rows: piece))
            do throws(SluiceError) { states.append(try trial.session.finishState()) } catch {
                guard trial.session.process.isAlive else { throw error }
                return .failed(
                    "it gives no state (\(subject.words(error))); a check that keeps none declines check.merge_order in its quirks"
                )
            }
        }
        var orders = [("in order", states), ("backwards", Array(states.reversed()))]
        for _ in 0..<3 { orders.append(("in some order", seeded.shuffled(states))) }
        for (name, order) in orders {
            try trial.begin(table)
            for state in order { try trial.session.merge(state) }
            if let difference = CheckTrial.difference(whole, try trial.session.finish()) {
                return .failed(
                    "the states of \(states.count) parts, merged \(name), give another verdict: \(difference)")
            }
        }
        // A state behind rows, as where one process goes on with what another one did.
        try trial.begin(table)
        try trial.session.update(trial.masked(table, rows: pieces[0]))
        for state in states.dropFirst() { try trial.session.merge(state) }
        if let difference = CheckTrial.difference(whole, try trial.session.finish()) {
            return .failed("states merged into a check that had seen rows give another verdict: \(difference)")
        }
        return .passed
    }

    private static let allNull: @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome = {
        (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        let table = TrialTable.make(rows: 50, &seeded).emptied()
        _ = try CheckTrial(subject).verdict(table, pieces: cuts(50, &seeded, parts: 2))
        return .passed
    }

    private static let empty: @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome = {
        (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        let table = TrialTable.make(rows: 10, &seeded)
        let trial = try CheckTrial(subject)
        let none = try trial.verdict(table, pieces: [])
        let without = try trial.verdict(table, pieces: [0..<0])
        if let difference = CheckTrial.difference(none, without) {
            return .failed("no batch and a batch without rows get two verdicts: \(difference)")
        }
        let plain = try trial.verdict(table, pieces: [0..<4, 4..<10])
        let mixed = try trial.verdict(table, pieces: [0..<0, 0..<4, 4..<4, 4..<10, 10..<10])
        if let difference = CheckTrial.difference(plain, mixed) {
            return .failed("batches without rows between others change the verdict: \(difference)")
        }
        return .passed
    }

    private static let boundedVerdict: @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome = {
        (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        // The host holds every verdict against the bounds; what passes them is an error here.
        let tables = [
            TrialTable.wide(columns: 300, rows: 20), TrialTable.wide(columns: 8, rows: 4000),
            TrialTable.make(rows: 1000, &seeded, nullRate: 90),
        ]
        for table in tables {
            let trial = try CheckTrial(subject)
            _ = try trial.verdict(table, pieces: cuts(table.rowCount, &seeded, parts: 2))
            trial.session.stop()
        }
        return .passed
    }

    private static let canary: @Sendable (Subject, UInt64) throws(SluiceError) -> Outcome = {
        (subject, seed) throws(SluiceError) in
        var seeded = Seeded(seed)
        let words = (0..<4).map { _ in "canary" + seeded.word(14) }
        let table = TrialTable.make(rows: rows, &seeded, words: words, nullRate: 5)
        let trial = try CheckTrial(subject)
        var messages: [String] = []
        // What no check may do of its own: fail over good rows, or die of a state that is none.
        var wrong: Outcome?
        do throws(SluiceError) { _ = try trial.verdict(table, pieces: cuts(rows, &seeded, parts: 3)) } catch {
            messages.append(error.message)
            wrong = Outcome.of(error, in: subject).during("over the rows")
        }
        if wrong == nil {
            do throws(SluiceError) {
                // What provokes messages: a state that is none, and one behind it.
                try trial.begin(table)
                try trial.session.merge(CheckState(forged: Array(words.joined(separator: " ").utf8)))
                _ = try trial.session.finish()
            } catch {
                messages.append(error.message)
                if !trial.session.process.isAlive {
                    wrong = Outcome.of(error, in: subject).during("behind a state that is none")
                }
            }
        }
        trial.session.stop()
        let standardError = String(decoding: trial.session.process.standardErrorTail, as: UTF8.self)
        let places = [("a log line", trial.logged), ("a message", messages), ("standard error", [standardError])]
        for (place, texts) in places {
            let isThere = words.contains { word in texts.contains { $0.lowercased().contains(word) } }
            if isThere { return .failed("a value of a row is in \(place)") }
        }
        return wrong ?? .passed
    }
}

internal import Contracts
internal import Foundations
internal import Stages
internal import Supervisor

/// Tells people what a run does, on standard error: one line a stage, and on a terminal a line that moves.
///
/// The moving line is written at most ten times a second. Belongs to the thread that drives the run.
final class ProgressReporter: RunObserver {
    /// Nanoseconds between two writes of the moving line.
    static let interval: UInt64 = 100_000_000

    private let console: Console
    private let clock: () -> UInt64
    private let stopRequested: () -> Bool
    let stopSignal: StopSignal?
    private var isDrawn = false
    private var saidStopping = false
    private var lastDrawn: UInt64?
    /// When the stage reported for the first time, and its rows then: a resumed stage does not begin with none.
    private var first: (time: UInt64, rows: Int64)?
    private var rows: Int64?

    /// - Parameters:
    ///   - clock: nanoseconds of a clock that never goes back.
    ///   - stopRequested: whether a signal asked the run to stop.
    ///   - stopSignal: raised by that signal.
    init(
        console: Console, clock: @escaping () -> UInt64, stopRequested: @escaping () -> Bool,
        stopSignal: StopSignal? = nil
    ) {
        self.console = console
        self.clock = clock
        self.stopRequested = stopRequested
        self.stopSignal = stopSignal
    }

    var shouldStop: Bool {
        guard stopRequested() else { return false }
        if !saidStopping {
            saidStopping = true
            notice("Stopping at the next safe point; a second interrupt leaves at once.")
        }
        return true
    }

    func stageStarted(_ stage: Stage) {
        first = nil
        rows = nil
        lastDrawn = nil
        draw("\(stage.rawValue)  starting")
    }

    func progress(_ stage: Stage, rows: Int64, totalRows: Int64?) {
        let now = clock()
        if first == nil { first = (now, rows) }
        self.rows = rows
        if let lastDrawn, now &- lastDrawn < Self.interval { return }
        lastDrawn = now
        draw(line(stage, rows: rows, total: totalRows, now: now))
    }

    func stageFinished(_ stage: Stage, decision: GateDecision, reasons: [String], seconds: Double) {
        let style = console.errorStyle
        let verdict = Text(verbatim: decision.rawValue).padded(to: 8).painted(.of(decision.rawValue), style)
        var line: Text = "\(Text(verbatim: stage.rawValue).padded(to: 10))  \(verdict)"
        line += Text(verbatim: "  " + Numbers.duration(seconds))
        if let rows { line += Text("  \(rows) row\(Text(verbatim: rows == 1 ? "" : "s"))") }
        erase()
        console.note(line)
        for reason in reasons { console.note("  - \(reason)") }
    }

    func notice(_ text: String) {
        erase()
        console.note("\(text)")
    }

    /// Takes the moving line away; what follows starts on a clean line.
    func finish() { erase() }

    private func line(_ stage: Stage, rows: Int64, total: Int64?, now: UInt64) -> Text {
        var parts: [Text] = [Text(verbatim: stage.rawValue)]
        if let total { parts.append("\(rows) of \(total) rows") } else { parts.append("\(rows) rows") }
        if let total, total > 0 { parts.append("\(Int64(Double(min(rows, total)) / Double(total) * 100)) %") }
        if let first, now > first.time, rows > first.rows {
            let rate = Double(rows - first.rows) / (Double(now - first.time) / 1e9)
            parts.append(Text(verbatim: (rate < 10 ? Numbers.fixed(rate, 1) : Self.whole(rate)) + " rows/s"))
            if let total, total > rows {
                parts.append(Text(verbatim: "ETA " + Numbers.duration(Double(total - rows) / rate)))
            }
        }
        return Text.joined(parts, "  ")
    }

    private static func whole(_ rate: Double) -> String { rate < 1e15 ? Numbers.grouped(Int64(rate)) : "many" }

    private func draw(_ line: Text) {
        guard console.canRewrite else { return }
        console.rewrite("\r" + line.cut(to: console.columns - 1).raw + "\u{1B}[K")
        isDrawn = true
    }

    private func erase() {
        guard isDrawn else { return }
        console.rewrite("\r\u{1B}[K")
        isDrawn = false
    }
}

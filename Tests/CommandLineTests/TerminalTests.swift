import Contracts
import Foundations
import Stages
import Supervisor
import Testing

@testable import CommandLineCore

@Suite struct `A terminal` {
    static let hostile = "x\u{1B}[2J\u{1B}]0;t\u{7}\r\n\u{9B}31m\u{202E}evil\u{2028}\u{7F}"

    private func isSafe(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            if scalar == "\n" { return true }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: return false
            default: return true
            }
        }
    }

    @Test func `is never steered by a name in data, files or messages`() {
        let world = World()
        world.service.lhs = "csv:" + Self.hostile
        world.service.hold = [
            "stage": .string(Self.hostile), "kind": .string(Self.hostile), "reasons": [.string(Self.hostile)],
            "next": .string(Self.hostile),
        ]
        world.service.whileDriving = { observer in
            observer.notice(Self.hostile)
            observer.stageFinished(.ingest, decision: .hold, reasons: [Self.hostile], seconds: 1)
        }
        for command in `JSON on standard output`.commands {
            let outcome = world.run(command)
            #expect(isSafe(outcome.out) && isSafe(outcome.err), "\(command)")
        }
        #expect(
            world.run("runs").out.contains(#"csv:x\u{1B}[2J\u{1B}]0;t\u{7}\r\n\u{9B}31m\u{202E}evil\u{2028}\u{7F}"#))
        world.service.failure = SluiceError(.sourceUnreadable, Self.hostile, hint: Self.hostile)
        #expect(isSafe(world.run("runs").err))
    }

    @Test func `shows letters of every script as they are`() {
        for text in ["Zoë", "naïve café", "数据", "👩‍💻", "العربية", "a\\b"] { #expect(Text.escape(text) == text) }
        #expect(Text.columns("数据") == 4)
        #expect(Text.columns("e\u{301}") == 1)
    }

    @Test func `gets colour only when it is one and nobody objects`() {
        let world = World()
        #expect(!world.run("runs").out.contains("\u{1B}"))
        world.outIsTerminal = true
        #expect(world.run("runs").out.contains("\u{1B}[32mdone\u{1B}[0m"))
        #expect(!world.run("runs", "--json").out.contains("\u{1B}"))
        for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
            world.environment = environment
            #expect(!world.run("runs").out.contains("\u{1B}"))
        }
        world.environment = ["NO_COLOR": ""]
        #expect(world.run("runs").out.contains("\u{1B}"))
    }

    @Test func `has columns that stand under each other with colour and wide letters`() {
        var table = Table(["A", "B"], right: [1])
        table.add(["x", "1"])
        table.add([Text("数据").painted(.good, Style(coloured: true)), "10,000"])
        let lines = table.lines(.plain)
        #expect(lines.map(\.width) == [12, 12, 12])
        #expect(lines[1].raw == "x          1")
    }

    @Test func `reads numbers as people write them`() {
        #expect([0, 999, 1000, -1_234_567].map { Numbers.grouped($0) } == ["0", "999", "1,000", "-1,234,567"])
        #expect(Numbers.grouped(Int64.min) == "-9,223,372,036,854,775,808")
        #expect(
            [0.004, 9.99, 9.999, 59.4, 59.6, 61, 3599.7, 7380, .infinity].map { Numbers.duration($0) }
                == ["0.00 s", "9.99 s", "10 s", "59 s", "1 min 00 s", "1 min 01 s", "1 h 00 min", "2 h 03 min", "?"])
        #expect(Numbers.fixed(-0.004, 2) == "0.00" && Numbers.fixed(1.005e3, 1) == "1005.0")
    }
}

@Suite struct `Progress` {
    private func reporter(_ world: World) -> ProgressReporter {
        ProgressReporter(
            console: world.console, clock: { world.nanoseconds }, stopRequested: { world.stopRequested })
    }

    @Test func `is written at most ten times a second`() {
        let world = World()
        world.errIsTerminal = true
        let observer = reporter(world)
        observer.stageStarted(.migration)
        let before = world.errText.split(separator: "\r").count
        for row in 1...10_000 {
            world.nanoseconds += 1_000_000
            observer.progress(.migration, rows: Int64(row), totalRows: 10_000)
        }
        let written = world.errText.split(separator: "\r").count - before
        #expect((95...101).contains(written), "\(written)")
        #expect(!world.errText.contains("\n"))
    }

    @Test func `shows rows, share, rate and time left`() {
        let world = World()
        world.errIsTerminal = true
        let observer = reporter(world)
        observer.stageStarted(.migration)
        // A resumed stage: its first report is not its pace.
        observer.progress(.migration, rows: 500_000, totalRows: 2_000_000)
        world.nanoseconds += 2_000_000_000
        observer.progress(.migration, rows: 1_000_000, totalRows: 2_000_000)
        #expect(
            world.errText.hasSuffix(
                "\rMIGRATION  1,000,000 of 2,000,000 rows  50 %  250,000 rows/s  ETA 4.00 s\u{1B}[K"))
        world.nanoseconds += 1_000_000_000
        observer.progress(.migration, rows: 1_300_000, totalRows: nil)
        #expect(world.errText.hasSuffix("\rMIGRATION  1,300,000 rows  266,666 rows/s\u{1B}[K"))
    }

    @Test func `fits the width of the terminal and leaves a clean line`() {
        let world = World()
        world.errIsTerminal = true
        world.columns = 30
        let observer = reporter(world)
        observer.stageStarted(.migration)
        observer.progress(.migration, rows: 123_456_789, totalRows: 987_654_321)
        let line = world.errText.split(separator: "\r").last.map { String($0).replacing("\u{1B}[K", with: "") } ?? ""
        #expect(Text.columns(line) <= 29)
        observer.stageFinished(.migration, decision: .accept, reasons: ["all rows"], seconds: 1.5)
        #expect(
            world.errText.contains(
                "\r\u{1B}[KMIGRATION   \u{1B}[32maccept  \u{1B}[0m  1.50 s  123,456,789 rows\n  - all rows\n"))
    }

    @Test func `off a terminal is one line a stage`() {
        for environment in [[:], ["TERM": "dumb"]] {
            let world = World()
            world.environment = environment
            world.errIsTerminal = environment["TERM"] != nil
            let observer = reporter(world)
            observer.stageStarted(.ingest)
            observer.progress(.ingest, rows: 1, totalRows: 3)
            observer.stageFinished(.ingest, decision: .accept, reasons: [], seconds: 0.12)
            observer.finish()
            #expect(world.errText == "INGEST      accept    0.12 s  1 row\n")
        }
    }

    @Test func `passes on a wish to stop, and says so once`() {
        let world = World()
        let observer = reporter(world)
        #expect(!observer.shouldStop)
        world.stopRequested = true
        #expect(observer.shouldStop && observer.shouldStop)
        #expect(world.errText.split(separator: "\n").count == 1)
    }
}

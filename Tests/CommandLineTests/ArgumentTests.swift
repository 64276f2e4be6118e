import Foundations
import Testing

@testable import CommandLineCore

@Suite struct `A command line` {
    private func parsed(_ arguments: String...) throws -> Invocation? {
        guard case .command(let invocation) = try Parser.parse(arguments) else { return nil }
        return invocation
    }

    private func refusal(_ arguments: [String]) -> SluiceError? {
        do throws(SluiceError) {
            _ = try Parser.parse(arguments)
            return nil
        } catch { return error }
    }

    @Test func `takes a value behind a space or an equals sign`() throws {
        for form in [["--lhs", "a.csv", "--rhs", "sqlite:b#c"], ["--lhs=a.csv", "--rhs=sqlite:b#c"]] {
            guard case .command(let invocation) = try Parser.parse(["run"] + form) else { return #expect(Bool(false)) }
            #expect(invocation.verb == .run)
            #expect(invocation.text("lhs") == "a.csv")
            #expect(invocation.text("rhs") == "sqlite:b#c")
        }
        #expect(try parsed("decide", "R", "MAPPING", "fix", "--reason=a=b --c")?.text("reason") == "a=b --c")
    }

    @Test func `takes options before and behind the command and its operands`() throws {
        let invocation = try parsed("--json", "--home", "/h", "resume", "--yes", "01J")
        #expect(invocation?.json == true)
        #expect(invocation?.home == "/h")
        #expect(invocation?.has("yes") == true)
        #expect(invocation?.operands == ["01J"])
    }

    @Test func `ends its options at two dashes`() throws {
        #expect(try parsed("run", "--", "--odd.json")?.operands == ["--odd.json"])
        #expect(try parsed("run", "-")?.operands == ["-"])
        #expect(Parser.isAsked("--json", in: ["show", "--", "--json"]) == false)
    }

    @Test func `collects an option that may be repeated`() throws {
        #expect(try parsed("run", "--tag", "a", "--tag=b", "c.json")?.list("tag") == ["a", "b"])
    }

    @Test func `knows commands of two words`() throws {
        #expect(try parsed("plugin", "list")?.verb == .pluginList)
        #expect(try parsed("plugin", "--json", "show", "csv")?.operands == ["csv"])
        #expect(try parsed("policy", "check", "c.json")?.verb == .policyCheck)
    }

    @Test func `takes the longest command, and leaves runs to the shorter one`() throws {
        for arguments in [["artifacts", "gc"], ["--json", "artifacts", "--home", "/h", "gc", "--grace=0"]] {
            guard case .command(let invocation) = try Parser.parse(arguments) else { return #expect(Bool(false)) }
            #expect(invocation.verb == .artifactsGC && invocation.operands.isEmpty)
        }
        let promote = try parsed("artifacts", "promote", "3f9a1c02", "--reason", "gc", "--thresholds", "tp_x")
        #expect(promote?.verb == .artifactsPromote && promote?.operands == ["3f9a1c02"])
        let list = try parsed("artifacts", "01JCX0")
        #expect(list?.verb == .artifacts && list?.operands == ["01JCX0"])
        #expect(refusal(["artifacts"])?.message == "RUN is missing.")
        #expect(refusal(["artifacts", "01JCX0", "gc"])?.message.contains("takes RUN besides options") == true)
        #expect(refusal(["artifacts", "gc", "promote"])?.message.contains("takes nothing besides options") == true)
        #expect(refusal(["artifacts", "gc", "--grace", "-1"])?.message.contains("an integer from 0") == true)
        #expect(refusal(["artifacts", "--dry-run", "gc"])?.message.contains("has no option --dry-run") == true)
    }

    @Test func `takes a stage in either case`() throws {
        for stage in ["mapping", "MAPPING", "Mapping"] { #expect(try parsed("decide", "R", stage, "accept") != nil) }
    }

    @Test(arguments: [
        (["runn"], "Is run meant?"), (["rsume", "x"], "Is resume meant?"), (["plugin", "lst"], "Is list meant?"),
        (["run", "--lsh", "x"], "Is --lhs meant?"), (["run", "--sample", "1"], "Is --sample-rows meant?"),
        (["runs", "--jsn"], "Is --json meant?"), (["run", "--mode", "datamode"], "is data_mode meant?"),
        (["decide", "R", "maping", "accept"], "is MAPPING meant?"),
        (["decide", "R", "MAPPING", "acept"], "is accept meant?"),
        (["--yes", "run"], "belongs behind its command"), (["plugin"], "`sluice plugin list`"),
        (["run", "--lhs"], "--lhs needs a value"), (["run", "--lhs", "--rhs", "x"], "--lhs needs a value"),
        (["run", "--yes=1"], "takes no value"), (["run", "--mode", "data_mode", "--mode", "data_mode"], "given twice"),
        (["run", "--sample-rows", "0"], "an integer from 1"), (["run", "--sample-rows", "x"], "an integer from 1"),
        (["run", "--created-at", "today"], "a time like"), (["artifact", "abc"], "8 to 64 hexadecimal digits"),
        (["artifact", "zzzzzzzz"], "8 to 64 hexadecimal digits"), (["show"], "RUN is missing"),
        (["decide", "R", "MAPPING"], "DECISION is missing"), (["runs", "x"], "takes nothing besides options"),
        (["run", "a", "b"], "2 words were given"), (["run", "-x"], "no option -x"),
        (["--home"], "--home needs a value"),
        (["--home=", "runs"], "not empty"), (["--json"], "No command was given"),
    ])
    func `that is wrong says what is meant`(_ arguments: [String], _ expected: String) throws {
        let error = try #require(refusal(arguments))
        #expect(error.detail == "usage")
        #expect(error.message.contains(expected), "\(error.message)")
        #expect(!error.hint.isEmpty)
    }

    @Test(arguments: [
        ["postgres://me:hunter2@h/db"], ["run", "a.json", "postgres://me:hunter2@h/db"],
        ["run", "--postgres://me:hunter2@h/db"], ["run", "--yes=postgres://me:hunter2@h/db"],
        ["run", "--mode", "postgres://me:hunter2@h/db"], ["show", "x", "me:hunter2@h"],
    ])
    func `never has a password echoed`(_ arguments: [String]) throws {
        let error = try #require(refusal(arguments))
        #expect(!error.message.contains("hunter2"), "\(error.message)")
    }

    @Test func `of any words never crashes the parser`() {
        let words =
            Verb.firstWords + [
                "list", "check", "--", "-", "", "--=", "=", "--lhs", "--lhs=", "-h=", "é", "\u{1B}[2J", "a",
            ]
        var seed: UInt64 = 42
        for _ in 0..<20000 {
            let arguments = (0..<Int(seed % 6)).map { place -> String in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return words[Int((seed >> 33) % UInt64(words.count)) &* (place + 1) % words.count]
            }
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if let error = refusal(arguments) { #expect(error.detail == "usage") }
        }
    }
}

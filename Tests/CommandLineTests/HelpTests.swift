import Foundations
import Testing

@testable import CommandLineCore

@Suite struct `Help for a person` {
    @Test(arguments: Verb.allCases)
    func `of every command has usage and two to four examples`(_ verb: Verb) throws {
        let spec = verb.spec
        #expect(spec.verb == verb)
        #expect((2...4).contains(spec.examples.count))
        let text = try Help.lines(verb.words, .plain).map(\.raw).joined(separator: "\n")
        for part in ["Usage:", "Options:", "Examples:", "Exit status:", spec.summary] { #expect(text.contains(part)) }
        for option in spec.options + Option.global { #expect(text.contains("--\(option.name)")) }
        for line in text.split(separator: "\n") where !line.contains("sluice ") {
            #expect(line.count <= 120, "\(line)")
        }
    }

    /// Everything between `sluice` and the first shell operator of an example must parse.
    @Test(arguments: Verb.allCases)
    func `shows examples that parse`(_ verb: Verb) throws {
        for example in verb.spec.examples where example.line.hasPrefix("sluice ") {
            let words = example.line.split(separator: " ").map { String($0.filter { $0 != "\"" }) }
            var arguments = Array(
                words.dropFirst().prefix { !["|", ">", ">>", "||"].contains($0) && !$0.hasPrefix(">") })
            // A quoted sentence is one word.
            if let place = arguments.firstIndex(of: "--reason") {
                arguments.replaceSubrange((place + 1)..., with: ["why"])
            }
            #expect(throws: Never.self, "\(example.line)") { _ = try Parser.parse(arguments) }
        }
    }

    @Test func `is asked for in four ways`() {
        let world = World()
        let expected = world.run("help", "run").out
        #expect(expected.contains("sluice run --lhs"))
        for arguments in [
            ["run", "--help"], ["--help", "run"], ["run", "--unknown", "-h"], ["--home", "run", "run", "--help"],
        ] {
            let outcome = world.run(arguments)
            #expect(outcome.out == expected)
            #expect(outcome.status == 0)
        }
        #expect(world.run("help", "plugin").out.contains("plugin show"))
        #expect(world.run("help", "plugin", "list").out.contains("sluice plugin list:"))
        #expect(world.run("plugin", "--help").out.contains("plugin show"))
        #expect(world.openedHomes.isEmpty)
    }

    @Test func `of an unknown command is a usage error`() {
        let outcome = World().run("help", "rns")
        #expect(outcome.status == 2)
        #expect(outcome.err.contains("meant?"))
    }

    @Test func `stands on standard error when no command was given`() {
        let outcome = World().run([])
        #expect(outcome.status == 2)
        #expect(outcome.out.isEmpty)
        for verb in Verb.allCases { #expect(outcome.err.contains(verb.rawValue)) }
    }

    @Test func `lists every command and option as JSON`() throws {
        let document = try #require(try World().run("help", "--json").document())
        #expect(
            document["commands"]?.arrayValue?.compactMap { $0["command"]?.stringValue } == Verb.allCases.map(\.rawValue)
        )
    }

    @Test(arguments: Completions.shells)
    func `by completion knows every command and option`(_ shell: String) {
        let script = World().run("completions", shell).out
        for verb in Verb.allCases {
            for word in verb.words { #expect(script.contains(word)) }
            for option in verb.spec.options {
                #expect(script.contains(shell == "fish" ? "-l \(option.name)" : "--\(option.name)"))
            }
        }
        #expect(script.contains("metadata_only") && script.contains("MIGRATION") && script.contains("runs --json"))
    }
}

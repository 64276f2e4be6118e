internal import Foundations
internal import Scaffold

/// `sluice plugin new` and `sluice plugin sdk`.
extension Spec {
    static let pluginNew = Spec(
        verb: .pluginNew, summary: "begin a plugin: a folder that builds, tests and conforms",
        usage: ["plugin new NAME --kind KIND --language LANGUAGE [--publisher P] [--dir DIR]"],
        about: """
            Makes the folder NAME with a small plugin that works: its logic in a file of its own with tests, the manifest's
            template, what the conformance suite reads, a README and a Makefile. There `make` builds, tests, packs and holds it
            against the suite, and `make install` signs and installs it. Its id is P.NAME.
            """,
        operands: [
            Operand(
                name: "NAME", value: .text, required: true, help: "1 to 40 of a–z, 0–9 and _, a letter first")
        ],
        options: [
            .value("kind", "KIND", .choice(PluginScaffold.kinds), "provider, connector or check; required"),
            .value("language", "LANGUAGE", .choice(PluginScaffold.languages), "c, swift or rust; required"),
            .value("publisher", "P", .text, "who publishes it; default example"),
            .value("dir", "DIR", .folder, "where the folder goes; default here"),
        ],
        examples: [
            Example(
                purpose: "A check in C",
                line: "sluice plugin new long_text --kind check --language c --publisher acme"),
            Example(purpose: "Build, test, pack, and hold it against the suite", line: "make -C long_text"),
            Example(purpose: "Sign it with a key of your own, and install it", line: "make -C long_text install"),
        ])

    static let pluginSDK = Spec(
        verb: .pluginSDK, summary: "print where the SDK for authors lies", usage: ["plugin sdk"],
        about: "The folder with headers, kits, templates and make's rules: share/sluice/sdk, or $SLUICE_SDK.",
        examples: [
            Example(purpose: "For a compiler", line: "cc -I \"$(sluice plugin sdk)/include\" -c mine.c"),
            Example(purpose: "All places", line: "sluice plugin sdk --json"),
        ])
}

extension Session {
    /// nil for other commands. They need no home.
    func newPlugin() throws(SluiceError) -> Int32? {
        switch invocation.verb {
        case .pluginSDK:
            let scaffold = try PluginScaffold(context)
            emit(scaffold.places, people: [Text(scaffold.sdk)])
        case .pluginNew:
            guard let kind = invocation.text("kind") else {
                throw usage("--kind is missing: \(PluginScaffold.kinds.joined(separator: ", ")).")
            }
            guard let language = invocation.text("language") else {
                throw usage("--language is missing: \(PluginScaffold.languages.joined(separator: ", ")).")
            }
            let order = PluginScaffold.Order(
                kind: kind, language: language, name: invocation.operand(0) ?? "",
                publisher: invocation.text("publisher") ?? "example", folder: invocation.text("dir") ?? ".")
            let answer = try PluginScaffold(context).make(order)
            emit(answer, people: reports.newPlugin(answer))
        default: return nil
        }
        return ExitStatus.done
    }
}

extension Reports {
    func newPlugin(_ json: JSON) -> [Text] {
        let files = json["files"]?.arrayValue ?? []
        let folder = Self.quoted(json["folder"]?.stringValue ?? "")
        return [
            "Made \(text(json["plugin"]).painted(.strong, style)), a \(text(json["kind"])) in \(text(json["language"])), "
                + "\(count(.int(Int64(files.count)))) files: \(Text(folder))",
            "Next: make -C \(Text(folder))",
        ]
    }
}

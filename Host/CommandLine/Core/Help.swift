internal import Foundations

/// Help texts, made from the table of commands.
enum Help {
    /// The lines of a topic: nothing for the overview, a group, or a command's words.
    static func lines(_ topic: [String], _ style: Style) throws(SluiceError) -> [Text] {
        if topic.isEmpty { return overview(style) }
        let verbs = try verbs(topic)
        return verbs.count == 1 && verbs[0].words == topic
            ? command(verbs[0].spec, style) : group(topic[0], verbs, style)
    }

    /// `{"commands":[{"command","summary","usage","operands","options","examples","exit_status"}]}`.
    static func json(_ topic: [String]) throws(SluiceError) -> JSON {
        let verbs = topic.isEmpty ? Verb.allCases : try verbs(topic)
        return ["commands": .array(verbs.map { describe($0.spec) })]
    }

    private static func verbs(_ topic: [String]) throws(SluiceError) -> [Verb] {
        if let verb = Verb(rawValue: topic.joined(separator: " ")) { return [verb] }
        let group = Verb.group(topic[0])
        if !group.isEmpty, topic.count == 1 { return group }
        let known = group.isEmpty ? Verb.firstWords : group.map { $0.words[1] }
        let word = group.isEmpty ? topic[0] : topic[1]
        throw SluiceError(
            .usage, "There is no command\(Words.echo(word)).\(Words.meant(word, of: known))", hint: "Run `sluice help`."
        )
    }

    private static func heading(_ text: Text, _ style: Style) -> Text { text.painted(.strong, style) }

    private static func overview(_ style: Style) -> [Text] {
        var commands = Table(["", ""])
        for verb in Verb.allCases { commands.add([Text(verbatim: verb.rawValue), Text(verbatim: verb.spec.summary)]) }
        return [
            "sluice moves tables into the shape that they should have, through five gates:",
            "Ingest, Domains, Mapping, Analysis, Migration. Plugins see masked data and nothing else.",
            "", heading("Usage:", style), "  sluice COMMAND [options]", "", heading("Commands:", style),
        ] + commands.lines(style, indent: 2) + ["", heading("Options of every command:", style)]
            + options(Option.global, style) + [
                "", heading("Start here:", style),
                "  sluice run --mode metadata_only --lhs people.csv --rhs sqlite:crm.db#customers",
                "  sluice run --lhs people.csv --rhs sqlite:crm.db#customers --yes",
                "", "`sluice help COMMAND` explains a command by example.",
            ]
    }

    private static func group(_ word: String, _ verbs: [Verb], _ style: Style) -> [Text] {
        var commands = Table(["", ""])
        for verb in verbs { commands.add(["sluice \(verb.rawValue)", Text(verbatim: verb.spec.summary)]) }
        return [heading("Commands of sluice \(word):", style)] + commands.lines(style, indent: 2)
            + ["", "`sluice help \(word) COMMAND` explains one by example."]
    }

    private static func command(_ spec: Spec, _ style: Style) -> [Text] {
        var lines: [Text] = ["sluice \(spec.verb.rawValue): \(spec.summary)", "", heading("Usage:", style)]
        lines += spec.usage.map { "  sluice \($0)" }
        lines += [""] + paragraph(spec.about)
        if !spec.operands.isEmpty {
            var table = Table(["", ""])
            for operand in spec.operands { table.add([Text(verbatim: operand.name), Text(verbatim: operand.help)]) }
            lines += ["", heading("Operands:", style)] + table.lines(style, indent: 2)
        }
        lines += ["", heading("Options:", style)] + options(spec.options + Option.global, style)
        lines += ["", heading("Examples:", style)]
        for (place, example) in spec.examples.enumerated() {
            if place > 0 { lines.append("") }
            lines += [
                Text(verbatim: "  # \(example.purpose)").painted(.faint, style), Text(verbatim: "  \(example.line)"),
            ]
        }
        lines += ["", heading("Exit status:", style), "  0 done, 1 any other failure, 2 usage or a bad contract"]
        if !spec.exits.isEmpty { lines += paragraph(spec.exits, indent: "  ") }
        return lines
    }

    private static func paragraph(_ text: String, indent: String = "") -> [Text] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Text(verbatim: indent + $0) }
    }

    private static func options(_ options: [Option], _ style: Style) -> [Text] {
        var table = Table(["", ""])
        for option in options { table.add([Text(verbatim: option.form), Text(verbatim: option.help)]) }
        return table.lines(style, indent: 2)
    }

    private static func describe(_ spec: Spec) -> JSON {
        let operands = spec.operands.map { operand -> JSON in
            ["name": .string(operand.name), "required": .bool(operand.required), "help": .string(operand.help)]
        }
        let options = (spec.options + Option.global).map { option -> JSON in
            .members([
                "name": .string("--\(option.name)"), "help": .string(option.help), "repeats": .bool(option.repeats),
                "value": option.value == nil ? nil : .string(option.placeholder),
                "choices": (option.value?.choices).flatMap { $0.isEmpty ? nil : JSON($0) },
            ])
        }
        let examples = spec.examples.map { example -> JSON in
            ["purpose": .string(example.purpose), "line": .string(example.line)]
        }
        return [
            "command": .string(spec.verb.rawValue), "summary": .string(spec.summary),
            "usage": JSON(spec.usage.map { "sluice \($0)" }), "about": .string(spec.about),
            "operands": .array(operands), "options": .array(options), "examples": .array(examples),
            "exit_status": .string(spec.exits),
        ]
    }
}

internal import Columnar
internal import Foundations
internal import Transform

/// `sluice dsl …`: programs of the Transform DSL on their own, without a home.
struct DSLCommand {
    let console: Console
    let invocation: Invocation
    let context: Context

    /// - Throws: `dsl.rejected` for a program outside the language; `usage` for a file that cannot be read; what the
    ///   command itself throws.
    func perform() throws(SluiceError) -> Int32 {
        if invocation.verb == .dslMatrix {
            DSLCompile(console: console, invocation: invocation).matrix()
            return ExitStatus.done
        }
        let document = try program()
        switch invocation.verb {
        case .dslCompile: return try DSLCompile(console: console, invocation: invocation).perform(document)
        case .dslDiff:
            let isEqual = try DSLDiff(
                console: console, invocation: invocation, document: document,
                harness: harness
            ).perform()
            return isEqual ? ExitStatus.done : ExitStatus.failure
        case .dslElt: try DSLElt(console: console, invocation: invocation, document: document).perform()
        case .dslCheck: check(document)
        case .dslExplain: try explain(document)
        default: return try DSLRun(console: console, invocation: invocation, document: document).perform()
        }
        return ExitStatus.done
    }

    /// engines.py, beside the program unless the environment says otherwise.
    private var harness: String {
        if let named = context.environment["SLUICE_DSL_ENGINES"], !named.isEmpty { return named }
        let program = Files.resolved("/proc/self/exe") ?? "/usr/bin/sluice"
        return Files.folder(of: Files.folder(of: program)) + "/share/sluice/dsl/engines.py"
    }

    // MARK: The program

    private func program() throws(SluiceError) -> ProgramDocument {
        let file = invocation.operand(0) ?? "-"
        if file == "-", [.dslRun, .dslDiff].contains(invocation.verb), [nil, "-"].contains(invocation.operand(1)) {
            throw SluiceError(.usage, "PLAN and the rows cannot both come from standard input.")
        }
        let bytes: [UInt8]
        do throws(Files.Failure) {
            // One byte more than allowed, so that the program is refused as too large and not as unreadable.
            bytes = try Files.read(file == "-" ? "/dev/stdin" : file, limit: Self.readLimit)
        } catch {
            throw SluiceError(
                .usage, "The program cannot be read: \(error.reason).",
                hint: "Check the path of PLAN and its permissions."
            )
        }
        var features: PlanFeatures = []
        for name in invocation.list("feature") { features.formUnion(PlanFeatures.named[name] ?? []) }
        return try ProgramDocument.parse(bytes, inputs: try inputs(), features: features)
    }

    /// Larger than a program may be, so that the reader of programs says what is too large about it.
    private static let readLimit = 64 << 20

    /// The columns of `--inputs`: `name:type`, between commas that stand in no parentheses.
    private func inputs() throws(SluiceError) -> [Field] {
        var fields: [Field] = []
        for list in invocation.list("inputs") {
            var depth = 0
            var parts: [String] = [""]
            for character in list {
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
            }
            for part in parts {
                guard let colon = part.lastIndex(of: ":"), colon > part.startIndex,
                    let type = ColumnType(name: String(part[part.index(after: colon)...]))
                else {
                    throw SluiceError(
                        .usage, "--inputs takes NAME:TYPE, and there is one that is none.",
                        hint: "Types: \(ProgramDocument.typeNames.joined(separator: ", ")). For example "
                            + "--inputs \"net:decimal(12,2),born:date\".")
                }
                let name = String(part[..<colon])
                guard !fields.contains(where: { $0.name == name }) else {
                    throw SluiceError(.usage, "--inputs names a column twice.")
                }
                fields.append(Field(name, type))
            }
        }
        return fields
    }

    // MARK: check

    private func check(_ document: ProgramDocument) {
        let steps = document.plans.reduce(0) { $0 + $1.steps.count }
        let outputs = document.program.outputs
        if invocation.json {
            return console.print([
                "ok": true, "dsl_version": .string(Versions.dsl), "hash": .string(document.hash.hex),
                "inputs": .array(document.inputs.fields.map(Self.json)),
                "outputs": .array(outputs.map { ["name": .string($0.target), "type": .string($0.type.name)] }),
                "steps": JSON(steps),
            ])
        }
        var table = Table(["COLUMN", "TYPE", "STEPS"], right: [2])
        for (output, plan) in zip(outputs, document.plans) {
            table.add([Text(output.target), Text(output.type.name), "\(plan.steps.count)"])
        }
        console.print(
            table.lines(console.outStyle) + [
                "", "The program is one of DSL \(Text(Versions.dsl)). Its hash is \(Text(document.hash.hex)).",
            ])
    }

    private static func json(_ field: Field) -> JSON {
        ["name": .string(field.name), "type": .string(field.type.name)]
    }

    // MARK: explain

    private func explain(_ document: ProgramDocument) throws(SluiceError) {
        let program = document.program
        let explained = try program.explained()
        if invocation.json {
            let columns = zip(zip(document.plans, program.outputs), explained).map { pair, steps -> JSON in
                [
                    "target": .string(pair.0.target), "type": .string(pair.1.type.name),
                    "result": .string(pair.0.result), "hash": .string(pair.0.hash.hex),
                    "steps": .array(steps.map(\.json)),
                ]
            }
            return console.print([
                "dsl_version": .string(Versions.dsl), "hash": .string(document.hash.hex),
                "inputs": .array(document.inputs.fields.map(Self.json)), "columns": .array(columns),
                "nodes": JSON(program.nodes.count),
            ])
        }
        let style = console.outStyle
        var lines: [Text] = []
        let inputs = document.inputs.fields.map { "\($0.name) (\($0.type.name))" as Text }
        lines.append("Reads \(Text.joined(inputs)).")
        for ((plan, output), steps) in zip(zip(document.plans, program.outputs), explained) {
            lines += ["", "\(Text(plan.target).painted(.strong, style)) (\(output.type.name))"]
            if steps.isEmpty { lines.append("  a copy of \(plan.result)") }
            for step in steps { lines += self.lines(step, isResult: step.step.name == plan.result) }
        }
        let all = document.plans.reduce(0) { $0 + $1.steps.count }
        lines += ["", "\(all) steps, \(program.nodes.count) computations."]
        console.print(lines)
    }

    private func lines(_ step: TypedProgram.ExplainedStep, isResult: Bool) -> [Text] {
        let result: Text = isResult ? " → the column" : ""
        var lines: [Text] = ["  \(step.step.name) (\(step.type.name)): \(step.words)\(result)"]
        if let same = step.same { lines.append("    the same as \(same.step) of \(same.target), computed once") }
        if !step.reasons.isEmpty {
            let then: Text =
                step.step.onError == .quarantine ? "the row goes to quarantine" : "null, and nothing is said"
            lines.append("    \(step.reasons.joined(separator: ", ")): \(then)")
        }
        return lines
    }
}

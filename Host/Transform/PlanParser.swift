internal import Columnar
public import Foundations

extension Plan {
    /// A plan from its JSON form; strict: an unknown key, op or argument is refused.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected` with the JSON pointer and the nearest allowed form.
    public init(json: JSON) throws(SluiceError) {
        var parser = PlanParser()
        self = try parser.plan(json)
    }

    /// A plan from the bytes of a JSON document.
    ///
    /// - Throws: `SluiceError` of kind `json.invalid` or `dsl.rejected`.
    public static func parse(_ document: [UInt8]) throws(SluiceError) -> Plan {
        try Plan(json: JSONParser.parse(document, name: "plan"))
    }
}

/// Reads one plan; it knows the names that are defined so far.
struct PlanParser {
    /// Longest column name in bytes.
    static let maximumName = 1024
    static let maximumSeparator = 256
    static let maximumFormats = 16
    /// The ops that this parser reads so far.
    private static let ready = ["trim", "case", "collapse_whitespace", "concat", "date_parse", "type_cast"]
    private static let executable = "Executable ops: " + ready.joined(separator: ", ") + "."

    private var target: String?
    /// What a name made by a step may contain of input columns: how many pieces.
    private var pieces: [String: Int] = [:]
    private var inputColumns: Set<String> = []

    private func reject(_ pointer: String, _ what: String, _ allowed: String) -> SluiceError {
        Rejection.error(target, pointer, what, allowed: allowed)
    }

    mutating func plan(_ json: JSON) throws(SluiceError) -> Plan {
        let form = #"A plan is {"target":…,"steps":[…],"result":…}."#
        guard let members = json.objectValue else { throw reject("", "a plan is an object", form) }
        if case .string(let name)? = members["target"], !name.isEmpty, name.utf8.count <= Self.maximumName {
            target = name
        }
        try checkKeys(
            members, allowed: ["target", "steps", "result"], required: ["target", "steps", "result"], at: "")
        guard let target else {
            throw reject(
                "/target", "it is not a column's name", "Name the target column: 1 to \(Self.maximumName) bytes.")
        }
        guard case .array(let list)? = members["steps"] else { throw reject("/steps", "it is not an array", form) }
        guard list.count <= Plan.maximumSteps else {
            throw reject("/steps", "there are \(list.count) steps", "At most \(Plan.maximumSteps) steps are allowed.")
        }
        let later = list.map { $0["as"]?.stringValue }
        var steps: [Step] = []
        for (place, json) in list.enumerated() {
            steps.append(try step(json, at: "/steps/\(place)", later: Set(later[place...].compactMap { $0 })))
        }
        guard case .string(let result)? = members["result"], !result.isEmpty, result.utf8.count <= Self.maximumName
        else {
            throw reject("/result", "it is not a name", "Name the step whose value is the result.")
        }
        guard steps.isEmpty || pieces[result] != nil else {
            throw reject(
                "/result", "no step makes \(Rejection.quoted(result))",
                Rejection.nearest(result, of: steps.map(\.name)))
        }
        return Plan(target: target, steps: steps, result: result)
    }

    // MARK: Steps

    private mutating func step(_ json: JSON, at pointer: String, later: Set<String>) throws(SluiceError) -> Step {
        guard let members = json.objectValue else {
            throw reject(pointer, "a step is an object", #"A step is {"op":…,"in":[…],"as":…}."#)
        }
        guard let op = members["op"] else {
            throw reject(pointer, "the key \"op\" is missing", Self.executable)
        }
        guard case .string(let name) = op else {
            throw reject(pointer + "/op", "it is not a text", Self.executable)
        }
        try checkOp(name, at: pointer + "/op")
        let (own, required) = Self.argumentKeys(name)
        try checkKeys(
            members, allowed: ["op", "in", "as", "on_error"] + own, required: ["in", "as"] + required, at: pointer)
        let operation = try self.operation(name, members, at: pointer)
        let inputs = try self.inputs(members["in"], of: name, at: pointer + "/in", later: later)
        let output = try outputName(members["as"], at: pointer + "/as")
        let rule = try choice(
            members["on_error"], Step.ErrorRule.self, standard: .quarantine, at: pointer + "/on_error")
        let size = inputs.reduce(0) { $0 + (pieces[$1] ?? 1) }
        guard size <= Plan.maximumPieces else {
            throw reject(
                pointer + "/in", "the value would repeat its inputs \(size) times",
                "A value may contain at most \(Plan.maximumPieces) values of input columns.")
        }
        pieces[output] = size
        return Step(operation: operation, inputs: inputs.map(Step.Input.name), name: output, onError: rule)
    }

    private func checkOp(_ name: String, at pointer: String) throws(SluiceError) {
        if Self.ready.contains(name) { return }
        if Operation.names.contains(name) {
            throw reject(
                pointer, "\(name) is an op of the DSL that this version does not execute yet",
                Self.executable)
        }
        if name == "select_when" {
            throw reject(
                pointer, "select_when is behind a feature flag that is off",
                Self.executable)
        }
        throw reject(
            pointer, "there is no op \(Rejection.quoted(name))", Rejection.nearest(name, of: Self.ready))
    }

    /// The keys of an op's arguments: all, and those that must be there.
    private static func argumentKeys(_ op: String) -> (all: [String], required: [String]) {
        switch op {
        case "case": (["to"], ["to"])
        case "concat": (["separator", "nulls"], [])
        case "type_cast": (["to", "empty"], ["to"])
        case "date_parse": (["formats", "to", "empty"], ["formats", "to"])
        default: ([], [])
        }
    }

    private func operation(
        _ name: String, _ members: [String: JSON], at pointer: String
    ) throws(SluiceError) -> Operation {
        switch name {
        case "trim": return .trim
        case "collapse_whitespace": return .collapseWhitespace
        case "case":
            return .changeCase(
                try choice(members["to"], LetterCase.self, standard: nil, at: pointer + "/to"), .unicode)
        case "concat":
            guard case .string(let separator) = members["separator"] ?? "",
                separator.utf8.count <= Self.maximumSeparator
            else {
                throw reject(
                    pointer + "/separator", "it is not a text of at most \(Self.maximumSeparator) bytes",
                    "Write a shorter text, or leave it out for none.")
            }
            return .concat(
                Concatenation(
                    separator: separator,
                    nulls: try choice(
                        members["nulls"], Concatenation.NullRule.self, standard: .propagate, at: pointer + "/nulls")))
        case "type_cast":
            return .typeCast(
                Cast(
                    to: try type(members["to"], of: Operation.types, at: pointer + "/to"),
                    empty: try choice(members["empty"], EmptyRule.self, standard: .null, at: pointer + "/empty")))
        default:
            let type = try type(members["to"], of: [.date, .timestamp], at: pointer + "/to")
            return .dateParse(
                DateParsing(
                    try formats(members["formats"], to: type, at: pointer + "/formats"), to: type,
                    empty: try choice(members["empty"], EmptyRule.self, standard: .null, at: pointer + "/empty")))
        }
    }

    private func formats(_ json: JSON?, to type: ColumnType, at pointer: String) throws(SluiceError) -> [DatePattern] {
        guard case .array(let list)? = json, !list.isEmpty, list.count <= Self.maximumFormats else {
            throw reject(
                pointer, "it is not an array of 1 to \(Self.maximumFormats) patterns",
                #"For example ["MM/dd/yyyy","yyyy-MM-dd"]."#)
        }
        var patterns: [DatePattern] = []
        for (place, json) in list.enumerated() {
            let pointer = "\(pointer)/\(place)"
            let fields = "Fields: yyyy MM dd HH mm ss SSS, M, d; letters that are meant literally in quotes: 'T'."
            guard case .string(let source) = json else { throw reject(pointer, "it is not a text", fields) }
            do { patterns.append(try DatePattern(source)) } catch {
                throw reject(pointer, "the pattern \(Rejection.quoted(source)) is not allowed: \(error.reason)", fields)
            }
            if type == .date, patterns.last?.hasTime == true {
                throw reject(
                    pointer, "a date has no time of day, which the pattern \(Rejection.quoted(source)) reads",
                    #"Write "to":"timestamp", or a pattern of yyyy, MM and dd alone."#)
            }
        }
        return patterns
    }

    // MARK: Names

    private mutating func inputs(
        _ json: JSON?, of op: String, at pointer: String, later: Set<String>
    ) throws(SluiceError) -> [String] {
        let least = op == "concat" ? 2 : 1
        let most = op == "concat" ? Plan.maximumInputs : 1
        let arity = least == most ? "\(op) takes one input" : "\(op) takes \(least) to \(most) inputs"
        let example = least == 1 ? #"["name"]"# : #"["first","last"]"#
        guard case .array(let list)? = json else {
            throw reject(pointer, "it is not an array", "\(arity): \(example).")
        }
        guard list.count >= least, list.count <= most else {
            throw reject(pointer, "\(arity), not \(list.count)", "For example \(example).")
        }
        var names: [String] = []
        for (place, json) in list.enumerated() {
            guard case .string(let name) = json, !name.isEmpty, name.utf8.count <= Self.maximumName else {
                throw reject("\(pointer)/\(place)", "it is not a name", "Name an input column or an earlier step.")
            }
            if pieces[name] == nil {
                guard !later.contains(name) else {
                    throw reject(
                        "\(pointer)/\(place)", "\(Rejection.quoted(name)) is used before the step that makes it",
                        "Move the step that makes it up; steps run in order.")
                }
                inputColumns.insert(name)
                guard inputColumns.count <= Plan.maximumInputs else {
                    throw reject(
                        "\(pointer)/\(place)", "the plan reads more than \(Plan.maximumInputs) input columns",
                        "At most \(Plan.maximumInputs) input columns are allowed.")
                }
            }
            names.append(name)
        }
        return names
    }

    private func outputName(_ json: JSON?, at pointer: String) throws(SluiceError) -> String {
        func isWord(_ byte: UInt8, first: Bool) -> Bool {
            (byte | 0x20) &- 0x61 < 26 || byte == 0x5F || (!first && byte &- 0x30 <= 9)
        }
        guard case .string(let name)? = json, let first = name.utf8.first, name.utf8.count <= 64,
            isWord(first, first: true), name.utf8.allSatisfy({ isWord($0, first: false) })
        else { throw reject(pointer, "it is not a step's name", "Write letters, digits and _, for example \"t1\".") }
        guard pieces[name] == nil, !inputColumns.contains(name) else {
            throw reject(pointer, "the name \(Rejection.quoted(name)) is taken", "Give every step a name of its own.")
        }
        return name
    }

    // MARK: Small readers

    private func checkKeys(
        _ members: [String: JSON], allowed: [String], required: [String], at pointer: String
    ) throws(SluiceError) {
        // Sorted, so that one document always gets one message.
        for key in members.keys.sorted() where !allowed.contains(key) {
            throw reject(
                "\(pointer)/\(Rejection.token(key))", "there is no key \(Rejection.quoted(key)) here",
                Rejection.nearest(key, of: allowed))
        }
        for key in required where members[key] == nil {
            throw reject(
                pointer, "the key \"\(key)\" is missing", "Needed here: " + required.joined(separator: ", ") + ".")
        }
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ json: JSON?, _: Choice.Type, standard: Choice?, at pointer: String
    ) throws(SluiceError) -> Choice where Choice.RawValue == String {
        if json == nil, let standard { return standard }
        let allowed = Choice.allCases.map(\.rawValue)
        guard case .string(let text)? = json else {
            throw reject(pointer, "it is not a text", Rejection.nearest("", of: allowed))
        }
        guard let choice = Choice(rawValue: text) else {
            throw reject(pointer, "\(Rejection.quoted(text)) is not allowed", Rejection.nearest(text, of: allowed))
        }
        return choice
    }

    private func type(_ json: JSON?, of types: [ColumnType], at pointer: String) throws(SluiceError) -> ColumnType {
        let allowed = types.map(\.name)
        guard case .string(let text)? = json else {
            throw reject(pointer, "it is not a type's name", Rejection.nearest("", of: allowed))
        }
        guard let type = types.first(where: { $0.name == text }) else {
            throw reject(
                pointer, "there is no type \(Rejection.quoted(text)) here", Rejection.nearest(text, of: allowed))
        }
        return type
    }
}

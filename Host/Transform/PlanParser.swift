internal import Columnar
public import Foundations

/// Parts of the language that are off unless somebody asks for them.
public struct PlanFeatures: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The op `select_when` (ROADMAP §35, ruling 13).
    public static let selectWhen = PlanFeatures(rawValue: 1)

    /// By name, as `--feature` takes them.
    public static let named: [String: PlanFeatures] = ["select_when": .selectWhen]
}

extension Plan {
    /// A plan from its JSON form; strict: an unknown key, op or argument is refused.
    ///
    /// - Throws: `SluiceError` of kind `dsl.rejected` with the JSON pointer and the nearest allowed form.
    public init(json: JSON, features: PlanFeatures = []) throws(SluiceError) {
        try self.init(json: json, features: features, at: "")
    }

    /// - Parameter base: pointer of the plan in its document.
    init(json: JSON, features: PlanFeatures, at base: String) throws(SluiceError) {
        var parser = PlanParser(features: features, base: base)
        self = try parser.plan(json)
    }

    /// A plan from the bytes of a JSON document.
    ///
    /// - Throws: `SluiceError` of kind `json.invalid` or `dsl.rejected`.
    public static func parse(_ document: [UInt8], features: PlanFeatures = []) throws(SluiceError) -> Plan {
        try Plan(json: JSONParser.parse(document, name: "plan"), features: features)
    }
}

/// Reads one plan; it knows the names that are defined so far.
struct PlanParser {
    /// Longest column name in bytes.
    static let maximumName = 1024
    /// Longest text that stands in a step, in bytes; of the dictionaries of `map_dict` see ``Mapping``.
    static let maximumText = 256
    static let maximumFormats = 16
    /// Integers of a document that every reader of JSON reads alike (RFC 7493).
    static let maximumInteger: Int64 = 9_007_199_254_740_991

    let features: PlanFeatures
    /// Pointer of the plan in its document.
    let base: String
    private var target: String?
    /// How many values of input columns a name made by a step may contain.
    private var pieces: [String: Int] = [:]
    private var inputColumns: Set<String> = []

    init(features: PlanFeatures, base: String) {
        self.features = features
        self.base = base
    }

    func reject(_ pointer: String, _ what: String, _ allowed: String) -> SluiceError {
        Rejection.error(target, base + pointer, what, allowed: allowed)
    }

    /// The ops that may be used.
    private var ops: [String] { Operation.names + (features.contains(.selectWhen) ? ["select_when"] : []) }
    private var allowedOps: String { "Ops: " + ops.joined(separator: ", ") + "." }

    mutating func plan(_ json: JSON) throws(SluiceError) -> Plan {
        let form = #"A plan is {"target":…,"steps":[…],"result":…}."#
        guard let members = json.objectValue else { throw reject("", "a plan is an object", form) }
        if case .string(let name)? = members["target"], Self.isColumnName(name) { target = name }
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
        guard case .string(let result)? = members["result"], Self.isColumnName(result) else {
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
            throw reject(pointer, "the key \"op\" is missing", allowedOps)
        }
        guard case .string(let name) = op else {
            throw reject(pointer + "/op", "it is not a text", allowedOps)
        }
        guard ops.contains(name) else {
            guard name == "select_when" else {
                throw reject(
                    pointer + "/op", "there is no op \(Rejection.quoted(name))", Rejection.nearest(name, of: ops))
            }
            throw reject(pointer + "/op", "select_when is behind a feature flag that is off", allowedOps)
        }
        let (own, required) = Self.argumentKeys(name)
        try checkKeys(
            members, allowed: ["op", "in", "as", "on_error"] + own, required: ["in", "as"] + required, at: pointer)
        let operation = try self.operation(name, members, at: pointer)
        let inputs = try self.inputs(members["in"], of: operation, at: pointer + "/in", later: later)
        let output = try outputName(members["as"], at: pointer + "/as")
        let rule = try choice(
            members["on_error"], Step.ErrorRule.self, standard: .quarantine, at: pointer + "/on_error")
        let size = Self.pieces(operation, of: inputs.map { $0.name.map { pieces[$0] ?? 1 } ?? 0 })
        guard size <= Plan.maximumPieces else {
            throw reject(
                pointer + "/in", "the value would repeat its inputs \(size) times",
                "A value may contain at most \(Plan.maximumPieces) values of input columns.")
        }
        pieces[output] = size
        return Step(operation: operation, inputs: inputs, name: output, onError: rule)
    }

    /// How often values of input columns may occur in what an op makes, at least once.
    private static func pieces(_ operation: Operation, of inputs: [Int]) -> Int {
        let size = max(1, inputs.reduce(0, +))
        switch operation {
        case .regexSplit(let separator, .join(let text)):
            // A text of separators alone grows to one text for each.
            var least = 1
            if case .text(let separator) = separator { least = separator.utf8.count }
            return size * max(1, (text.utf8.count + least - 1) / least)
        case .unitConvert, .dateParse, .dateFormat, .safeMath: return 1
        case .typeCast(let cast): return cast.type == .text ? size : 1
        default: return size
        }
    }

    // MARK: Names

    private mutating func inputs(
        _ json: JSON?, of operation: Operation, at pointer: String, later: Set<String>
    ) throws(SluiceError) -> [Step.Input] {
        let (counts, example) = Self.arity(of: operation)
        let words =
            counts.lowerBound < counts.upperBound
            ? "\(counts.lowerBound) to \(counts.upperBound) inputs"
            : counts.lowerBound == 1 ? "one input" : counts.lowerBound == 2 ? "two inputs" : "three inputs"
        let arity = "\(operation.name) takes \(words)"
        guard case .array(let list)? = json else {
            throw reject(pointer, "it is not an array", "\(arity): \(example).")
        }
        guard counts.contains(list.count) else {
            throw reject(pointer, "\(arity), not \(list.count)", "For example \(example).")
        }
        var inputs: [Step.Input] = []
        for (place, json) in list.enumerated() {
            inputs.append(try input(json, of: operation, at: "\(pointer)/\(place)", later: later))
        }
        guard inputs.contains(where: { $0.name != nil }) else {
            throw reject(
                pointer, "all inputs are numbers of the plan", "At least one names an input column or an earlier step.")
        }
        return inputs
    }

    /// How many inputs an op takes, and an example.
    private static func arity(of operation: Operation) -> (ClosedRange<Int>, String) {
        switch operation {
        case .concat: (1...Plan.maximumInputs, #"["first","last"]"#)
        case .safeMath(let function, _) where function.inputCount == 2: (2...2, #"["price",2]"#)
        case .selectWhen: (3...3, #"["subject","then","otherwise"]"#)
        default: (1...1, #"["name"]"#)
        }
    }

    private mutating func input(
        _ json: JSON, of operation: Operation, at pointer: String, later: Set<String>
    ) throws(SluiceError) -> Step.Input {
        if case .safeMath = operation, let number = try self.number(json, at: pointer) { return number }
        guard case .string(let name) = json, Self.isColumnName(name) else {
            throw reject(pointer, "it is not a name", "Name an input column or an earlier step.")
        }
        guard pieces[name] == nil else { return .name(name) }
        guard !later.contains(name) else {
            throw reject(
                pointer, "\(Rejection.quoted(name)) is used before the step that makes it",
                "Move the step that makes it up; steps run in order.")
        }
        inputColumns.insert(name)
        guard inputColumns.count <= Plan.maximumInputs else {
            throw reject(
                pointer, "the plan reads more than \(Plan.maximumInputs) input columns",
                "At most \(Plan.maximumInputs) input columns are allowed.")
        }
        return .name(name)
    }

    /// A number that stands in the plan; nil for a name.
    private func number(_ json: JSON, at pointer: String) throws(SluiceError) -> Step.Input? {
        let forms = #"Write a name, an integer such as 2, or {"decimal":"0.92"}."#
        switch json {
        case .string: return nil
        case .int, .double:
            guard let value = json.intValue else {
                throw reject(pointer, "it is not an integer", #"A number with a fraction is {"decimal":"0.92"}."#)
            }
            guard value.magnitude <= Self.maximumInteger else {
                throw reject(
                    pointer, "it is beyond 2^53 - 1, where readers of JSON differ",
                    #"Write it as {"decimal":"…"}, of at most 18 digits."#)
            }
            return .integer(value)
        case .object(let members):
            try checkKeys(members, allowed: ["decimal"], required: ["decimal"], at: pointer)
            guard case .string(let text)? = members["decimal"], let literal = DecimalLiteral(text) else {
                throw reject(
                    pointer + "/decimal", "it is not a decimal number",
                    #"Digits with at most one point between them, at most 18, in quotes: "0.92", "-12"."#)
            }
            return .decimal(literal)
        default: throw reject(pointer, "it is neither a name nor a number", forms)
        }
    }

    private mutating func outputName(_ json: JSON?, at pointer: String) throws(SluiceError) -> String {
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

    /// A column's name: not empty, bounded, and without U+0000, which no database has in names.
    static func isColumnName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= maximumName && !name.utf8.contains(0)
    }

    // MARK: Small readers

    func checkKeys(
        _ members: [String: JSON], allowed: [String], required: [String], at pointer: String
    ) throws(SluiceError) {
        // The first in order, so that one document always gets one message.
        if let key = members.keys.filter({ !allowed.contains($0) }).min() {
            throw reject(
                "\(pointer)/\(Rejection.token(key))", "there is no key \(Rejection.quoted(key)) here",
                Rejection.nearest(key, of: allowed))
        }
        for key in required where members[key] == nil {
            throw reject(
                pointer, "the key \"\(key)\" is missing", "Needed here: " + required.joined(separator: ", ") + ".")
        }
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
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

    /// A text of bounded length; the empty one when it is left out and not needed.
    ///
    /// U+0000 is refused: Postgres has no text with it.
    func text(
        _ json: JSON?, at pointer: String, bytes: ClosedRange<Int> = 0...PlanParser.maximumText
    ) throws(SluiceError) -> String {
        guard case .string(let text) = json ?? "", bytes.contains(text.utf8.count) else {
            let size =
                bytes.lowerBound == 0
                ? "at most \(bytes.upperBound) bytes" : "\(bytes.lowerBound) to \(bytes.upperBound) bytes"
            throw reject(pointer, "it is not a text of \(size)", "Write a text of \(size).")
        }
        guard !text.utf8.contains(0) else {
            throw reject(pointer, "it contains U+0000", "Write the text without it; not every engine has it in texts.")
        }
        return text
    }

    /// - Parameter allowed: decimals are allowed besides where `decimals` says so.
    func type(
        _ json: JSON?, of allowed: [ColumnType], decimals: Bool, at pointer: String
    ) throws(SluiceError) -> ColumnType {
        let names = allowed.map(\.name) + (decimals ? ["decimal(p,s)"] : [])
        guard case .string(let text)? = json else {
            throw reject(pointer, "it is not a type's name", Rejection.nearest("", of: names))
        }
        if let type = ColumnType(name: text), allowed.contains(type) || (decimals && type.isDecimal) { return type }
        if decimals, text.hasPrefix("decimal") {
            throw reject(
                pointer, "\(Rejection.quoted(text)) is not a decimal type",
                "Nearest allowed form: \"decimal(p,s)\" with 1 to \(ColumnType.maximumPrecision) digits p, of which s "
                    + "are behind the point, for example \"decimal(12,2)\".")
        }
        throw reject(
            pointer, "there is no type \(Rejection.quoted(text)) here", Rejection.nearest(text, of: names))
    }
}

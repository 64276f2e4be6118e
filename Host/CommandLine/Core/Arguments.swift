internal import Contracts
internal import Foundations

/// The commands, by the words that a person types.
enum Verb: String, CaseIterable, Sendable {
    case run, runs, show, ledger, artifacts
    case artifactsGC = "artifacts gc"
    case artifactsPromote = "artifacts promote"
    case artifact, quarantine, decide, resume, stop
    case pluginNew = "plugin new"
    case pluginSDK = "plugin sdk"
    case pluginList = "plugin list"
    case pluginShow = "plugin show"
    case pluginInstall = "plugin install"
    case pluginVerify = "plugin verify"
    case pluginEnable = "plugin enable"
    case pluginDisable = "plugin disable"
    case pluginRemove = "plugin remove"
    case pluginRetry = "plugin retry"
    case pluginConformance = "plugin conformance"
    case pluginKeys = "plugin keys"
    case pluginTrust = "plugin trust"
    case pluginRevoke = "plugin revoke"
    case pluginKeygen = "plugin keygen"
    case pluginSign = "plugin sign"
    case pluginPack = "plugin pack"
    case policyCheck = "policy check"
    case policyExplain = "policy explain"
    case policyDiff = "policy diff"
    case policyTest = "policy test"
    case policyShow = "policy show"
    case policyHistory = "policy history"
    case policyEdit = "policy edit"
    case policyRevert = "policy revert"
    case cost
    case dslCheck = "dsl check"
    case dslExplain = "dsl explain"
    case dslRun = "dsl run"
    case dslCompile = "dsl compile"
    case dslDiff = "dsl diff"
    case dslElt = "dsl elt"
    case dslMatrix = "dsl matrix"
    case mask
    case evalPII = "eval pii"
    case evalProviders = "eval providers"
    case errors, completions, help, version

    var words: [String] { rawValue.split(separator: " ").map(String.init) }

    /// The first words, each once, in the order of the table: commands and groups.
    static let firstWords: [String] = allCases.map { $0.words[0] }.reduce(into: []) { words, word in
        if !words.contains(word) { words.append(word) }
    }

    /// The commands behind a word such as `plugin`. The word may be a command itself, as `artifacts` is: the longest
    /// command wins, and no operand of the shorter one can be the second word of a longer one (a run id is longer).
    static func group(_ word: String) -> [Verb] { allCases.filter { $0.words.count == 2 && $0.words[0] == word } }
}

/// What may stand as the value of an option or as an operand.
enum ValueKind: Sendable, Equatable {
    case text, file, folder, location, run, stage, plugin, time, hash, topic, errorID
    case choice([String])
    case integer(ClosedRange<Int64>)

    /// The words to choose from; empty when there is no list.
    var choices: [String] {
        switch self {
        case .choice(let words): words
        case .stage: Stage.work.map(\.rawValue)
        case .errorID: ErrorKind.all.map(\.id)
        default: []
        }
    }

    /// What is expected instead of this value, or nil when the value is fine.
    func complaint(about value: String) -> String? {
        switch self {
        case .choice(let words) where !words.contains(value): return Words.oneOf(words, not: value)
        case .stage where !Stage.work.contains { $0 == Stage(name: value) }:
            return Words.oneOf(choices, not: value.uppercased())
        case .integer(let range):
            if let number = Int64(value), range.contains(number) { return nil }
            return "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .time: return CivilTime.milliseconds(rfc3339: value) == nil ? "a time like 2026-01-31T12:00:00Z" : nil
        case .hash:
            let isHash = (8...64).contains(value.utf8.count) && value.allSatisfy { $0.isASCII && $0.isHexDigit }
            return isHash ? nil : "8 to 64 hexadecimal digits"
        default: return value.isEmpty ? "a value that is not empty" : nil
        }
    }
}

/// One option of a command; without a value it is a flag.
struct Option: Sendable {
    let name: String
    let placeholder: String
    let value: ValueKind?
    let repeats: Bool
    let help: String

    static func flag(_ name: String, _ help: String) -> Option {
        Option(name: name, placeholder: "", value: nil, repeats: false, help: help)
    }

    static func value(
        _ name: String, _ placeholder: String, _ value: ValueKind, repeats: Bool = false, _ help: String
    ) -> Option { Option(name: name, placeholder: placeholder, value: value, repeats: repeats, help: help) }

    /// As help shows it, for example `--home DIR`.
    var form: String { value == nil ? "--\(name)" : "--\(name) \(placeholder)" }

    static let global: [Option] = [
        .flag("json", "print JSON on standard output; text for people goes to standard error"),
        .value("home", "DIR", .folder, "where runs are kept; default $SLUICE_HOME, else ~/.sluice"),
        .flag("help", "show this help"),
    ]
}

/// One word behind a command.
struct Operand: Sendable {
    let name: String
    let value: ValueKind
    let required: Bool
    let help: String
}

/// A command line that parsed.
struct Invocation: Sendable {
    let verb: Verb
    let operands: [String]
    let values: [String: [String]]

    var json: Bool { has("json") }
    var home: String? { text("home") }

    func has(_ option: String) -> Bool { values[option] != nil }
    func text(_ option: String) -> String? { values[option]?.first }
    func list(_ option: String) -> [String] { values[option] ?? [] }

    /// The operand at a place; the parser has seen to it that required ones are there.
    func operand(_ place: Int) -> String? { place < operands.count ? operands[place] : nil }
}

/// What a command line asks for.
enum Request: Sendable {
    case command(Invocation)
    /// The words of a command or a group; empty for the overview.
    case help([String])
}

/// Reads a command line by the table of commands.
///
/// `--option value` and `--option=value`; `--` ends the options; options may stand before or behind operands. A value
/// that begins with two dashes must be written behind `=`. What a person typed is echoed only where it cannot be a
/// location with a password in it.
struct Parser {
    private var verb: Verb?
    private var group: String?
    private var operands: [String] = []
    private var values: [String: [String]] = [:]

    /// - Throws: `usage`, with the nearest known word where there is one.
    static func parse(_ arguments: [String]) throws(SluiceError) -> Request {
        if isAsked("--help", in: arguments) || isAsked("-h", in: arguments) { return .help(topic(of: arguments)) }
        var parser = Parser()
        return try parser.read(arguments)
    }

    /// Whether a flag stands before `--`; a value cannot be mistaken for it, see above.
    static func isAsked(_ flag: String, in arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains(flag)
    }

    /// The command that `--help` stands beside.
    private static func topic(of arguments: [String]) -> [String] {
        var words: [String] = []
        var skip = false
        for argument in arguments.prefix(while: { $0 != "--" }) {
            if skip {
                skip = false
            } else if argument == "--home" {
                skip = true
            } else if !argument.hasPrefix("-") {
                words.append(argument)
            }
        }
        let known = Verb.allCases.filter { words.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
        if let known { return known.words }
        return words.first.map { Verb.group($0).isEmpty ? [] : [$0] } ?? []
    }

    private mutating func read(_ arguments: [String]) throws(SluiceError) -> Request {
        if arguments == ["--version"] { return .command(Invocation(verb: .version, operands: [], values: [:])) }
        var rest = arguments[...]
        var optionsEnded = false
        while let token = rest.popFirst() {
            if optionsEnded || !token.hasPrefix("-") || token == "-" {
                try take(word: token)
            } else if token == "--" {
                optionsEnded = true
            } else {
                try take(option: token, from: &rest)
            }
        }
        guard let verb else {
            if let group {
                let commands = Verb.group(group).map { "`sluice \($0.rawValue)`" }.joined(separator: " or ")
                throw usage("`sluice \(group)` needs a command: \(commands).")
            }
            throw usage("No command was given.", hint: "Run `sluice help`.")
        }
        let spec = verb.spec
        let required = spec.operands.count { $0.required }
        if operands.count < required { throw usage("\(spec.operands[operands.count].name) is missing.") }
        if operands.count > spec.operands.count {
            let most = spec.operands.isEmpty ? "nothing" : spec.operands.map(\.name).joined(separator: " ")
            throw usage("`sluice \(verb.rawValue)` takes \(most) besides options; \(operands.count) words were given.")
        }
        for (operand, value) in zip(spec.operands, operands) {
            if let complaint = operand.value.complaint(about: value) {
                throw usage(Words.sentence("\(operand.name) must be \(complaint)"))
            }
        }
        return .command(Invocation(verb: verb, operands: operands, values: values))
    }

    private mutating func take(word: String) throws(SluiceError) {
        if let known = verb {
            let longer = operands.isEmpty ? Verb(rawValue: "\(known.rawValue) \(word)") : nil
            if let longer { verb = longer } else { operands.append(word) }
        } else if let group {
            verb = Verb(rawValue: "\(group) \(word)")
            guard verb != nil else {
                let commands = Verb.group(group).map { $0.words[1] }
                throw usage("`sluice \(group)` has no command\(Words.echo(word)).\(Words.meant(word, of: commands))")
            }
        } else if let known = Verb(rawValue: word) {
            verb = known
        } else if !Verb.group(word).isEmpty {
            group = word
        } else {
            throw usage(
                "There is no command\(Words.echo(word)).\(Words.meant(word, of: Verb.firstWords))",
                hint: "Run `sluice help`.")
        }
    }

    private mutating func take(option token: String, from rest: inout ArraySlice<String>) throws(SluiceError) {
        let parts = token.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = token.hasPrefix("--") ? String(parts[0]) : String(token.dropFirst())
        let known = Option.global + (verb?.spec.options ?? [])
        guard token.hasPrefix("--"), let option = known.first(where: { $0.name == name }) else {
            throw unknown(name, dashes: token.hasPrefix("--") ? "--" : "-", known: known)
        }
        guard let kind = option.value else {
            guard parts.count == 1 else { throw usage("--\(name) takes no value.") }
            values[name] = []
            return
        }
        let value: String
        if parts.count == 2 {
            value = String(parts[1])
        } else if let next = rest.first, !next.hasPrefix("--") {
            value = next
            rest.removeFirst()
        } else {
            throw usage(
                "--\(name) needs a value: --\(name) \(option.placeholder)."
                    + (rest.isEmpty ? "" : " Write --\(name)=VALUE when the value begins with two dashes."))
        }
        if let complaint = kind.complaint(about: value) { throw usage(Words.sentence("--\(name) takes \(complaint)")) }
        guard option.repeats || values[name] == nil else { throw usage("--\(name) is given twice.") }
        values[name, default: []].append(value)
    }

    private func unknown(_ name: String, dashes: String, known: [Option]) -> SluiceError {
        let owners = Verb.allCases.filter { verb in verb.spec.options.contains { $0.name == name } }
        if dashes == "--", verb == nil, let owner = owners.first {
            return usage("--\(name) belongs behind its command: `sluice \(owner.rawValue) --\(name)`.")
        }
        let meant = Words.meant(name, of: known.map(\.name), prefix: "--")
        let place = verb.map { "`sluice \($0.rawValue)` has" } ?? "There is"
        return usage("\(place) no option\(Words.echo(name, prefix: dashes)).\(meant)")
    }

    private func usage(_ message: String, hint: String? = nil) -> SluiceError {
        let topic = verb?.rawValue ?? group
        return SluiceError(.usage, message, hint: hint ?? topic.map { "See `sluice help \($0)`." })
    }
}

/// Words in messages about a command line.
enum Words {
    /// A word that can be echoed: short, and of characters that no password-bearing location is made of.
    static func echo(_ word: String, prefix: String = "") -> String {
        let isPlain =
            word.utf8.count <= 32
            && word.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
        return isPlain && !word.isEmpty ? " \(prefix)\(word)" : " of that name"
    }

    /// ` Is --mode meant?`, or nothing when no known word is near.
    static func meant(_ word: String, of known: [String], prefix: String = "") -> String {
        nearest(word, of: known).map { " Is \(prefix)\($0) meant?" } ?? ""
    }

    static func nearest(_ word: String, of known: [String]) -> String? {
        let lower = word.lowercased()
        guard (1...32).contains(lower.utf8.count) else { return nil }
        let near = known.map { (word: $0, distance: JSONReader.distance($0.lowercased(), lower)) }
            .filter { $0.distance <= (lower.utf8.count < 3 ? 1 : 2) }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }
        return near?.word ?? (lower.utf8.count > 2 ? known.first { $0.lowercased().hasPrefix(lower) } : nil)
    }

    static func sentence(_ text: String) -> String { text.hasSuffix("?") ? text : text + "." }

    static func oneOf(_ words: [String], not value: String) -> String {
        "one of \(words.joined(separator: ", "))" + (nearest(value, of: words).map { "; is \($0) meant?" } ?? "")
    }
}
